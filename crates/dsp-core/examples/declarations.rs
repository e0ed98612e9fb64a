//! Prints what every stage declares as JSON, from which `npm run types` makes `index.d.ts` and the schema of definitions.

use dsp_core::engine::events::EventKind;
use dsp_core::params::{Absent, Field, Kind, Variant};
use dsp_core::stages::{DECLARATIONS, Declaration};
use serde_json::{Value as Json, json};

fn bound(x: f64) -> Json {
    if x.abs() < dsp_core::text::MAX_SAFE_INTEGER { json!(x) } else { Json::Null }
}

fn kind(kind: &Kind) -> Json {
    match *kind {
        Kind::Integer { least, most, odd } => {
            json!({ "type": "integer", "least": bound(least), "most": bound(most), "odd": odd })
        }
        Kind::Number { low, low_open, high, high_open } => {
            json!({ "type": "number", "low": bound(low), "lowOpen": low_open, "high": bound(high), "highOpen": high_open })
        }
        Kind::Flag => json!({ "type": "flag" }),
        Kind::OneOf { texts, .. } => json!({ "type": "oneOf", "texts": texts }),
        Kind::Float32Array => json!({ "type": "float32Array" }),
        Kind::Numbers => json!({ "type": "numbers" }),
        Kind::Any(typescript) => json!({ "type": "any", "typescript": typescript }),
    }
}

fn absent(absent: &Absent) -> Json {
    match *absent {
        Absent::Refused(_) => Json::Null,
        Absent::Number(x) => json!({ "default": x }),
        Absent::Text(text) => json!({ "default": text }),
        Absent::Flag(set) => json!({ "default": set }),
        Absent::Optional(meaning) => json!({ "meaning": meaning }),
    }
}

fn field((field, doc): (&Field, &&str)) -> Json {
    json!({
        "name": field.name, "doc": doc.trim(), "kind": kind(&field.kind), "absent": absent(&field.absent),
        "class": format!("{:?}", field.class), "nullable": field.null_is_absent, "aliases": field.aliases,
        "onlyFor": field.only_for, "objectNeeded": field.object_needed,
    })
}

fn variant(variant: &Variant) -> Json {
    json!({ "text": variant.text, "typescript": variant.typescript, "doc": variant.doc })
}

fn event(kind: &EventKind) -> Json {
    let fields: Vec<Json> = kind.fields.iter().map(|field| json!({ "name": field.name, "doc": field.doc })).collect();
    json!({ "name": kind.name, "doc": kind.doc, "fields": fields, "data": kind.data })
}

fn declaration(stage: &Declaration) -> Json {
    json!({
        "method": stage.method, "doc": stage.doc, "params": stage.params, "paramsDoc": stage.params_doc.trim(),
        "variants": stage.variants.iter().map(variant).collect::<Vec<_>>(),
        "events": stage.events.iter().copied().map(event).collect::<Vec<_>>(),
        "fields": stage.fields.iter().zip(stage.docs).map(field).collect::<Vec<_>>(),
    })
}

fn main() {
    let all: Vec<Json> = DECLARATIONS.iter().map(declaration).collect();
    println!("{}", Json::from(all));
}
