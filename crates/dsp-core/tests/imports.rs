//! Which room may import which. A room imports only rooms that stand before it, so there is no circle; within `signal`
//! and `stages` the chapters form no circle either.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. `text` writes numbers and choices; `signal` is mathematics that knows nothing of the
/// rooms behind it, `kernels` nothing of anything.
const ROOMS: &[&str] = &[
    "error", "limits", "text", "kernels", "params", "state", "signal", "design", "engine", "stages", "pipeline",
    "dynamic",
];

/// Imports that the order would allow and that must not be.
const NEVER: &[(&str, &str)] = &[
    ("kernels", "text"),
    ("kernels", "limits"),
    ("kernels", "error"),
    ("signal", "params"),
    ("signal", "state"),
    ("params", "kernels"),
    ("state", "kernels"),
    ("state", "params"),
];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The lines of a file that are neither comments nor tests, which stand at its end.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The path behind every `crate::` of a line, as its first two parts.
fn paths(line: &str) -> impl Iterator<Item = (String, String)> {
    line.split("crate::").skip(1).map(|rest| {
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let first = word(rest);
        let second = rest[first.len()..].strip_prefix("::").map(word).unwrap_or_default();
        (first, second)
    })
}

/// Every import: the importing file's first two folders, the imported path's first two parts, and the file.
fn imports() -> Vec<([String; 2], (String, String), String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    source_files(&root, &mut files);
    let mut all = vec![];
    for file in files {
        let relative = file.strip_prefix(&root).expect("below the root").with_extension("");
        let mut parts = relative.iter().map(|part| part.to_string_lossy().into_owned());
        let here = [parts.next().unwrap_or_default(), parts.next().unwrap_or_default()];
        // The root and the registers of chapters name their children, not the other way round.
        if here[0] == "lib" || here[1] == "mod" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("the file can be read");
        for line in code(&text) {
            all.extend(paths(line).map(|path| (here.clone(), path, relative.display().to_string())));
        }
    }
    all
}

/// The path of the first circle in a graph, if there is one.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn visit(node: &str, edges: &BTreeMap<String, BTreeSet<String>>, path: &mut Vec<String>) -> bool {
        if path.iter().any(|seen| seen == node) {
            path.push(node.to_owned());
            return true;
        }
        path.push(node.to_owned());
        if edges.get(node).into_iter().flatten().any(|next| visit(next, edges, path)) {
            return true;
        }
        path.pop();
        false
    }
    edges.keys().find_map(|start| {
        let mut path = vec![];
        visit(start, edges, &mut path).then_some(path)
    })
}

#[test]
fn rooms_import_only_those_before_them() {
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = BTreeSet::new();
    for ([from, _], (to, _), file) in imports() {
        let (Some(ours), Some(theirs)) = (rank(&from), rank(&to)) else { continue };
        if theirs > ours || NEVER.contains(&(from.as_str(), to.as_str())) {
            wrong.insert(format!("{file} imports {to}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_folder_is_a_room() {
    let known: BTreeSet<_> = ROOMS.iter().map(|room| (*room).to_owned()).chain(["lib".to_owned()]).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let found = fs::read_dir(root).expect("the folder can be read");
    let found: BTreeSet<_> = found
        .map(|entry| {
            entry.expect("an entry").path().with_extension("").file_name().expect("a name").to_string_lossy().into()
        })
        .collect();
    assert_eq!(found, known);
}

#[test]
fn chapters_form_no_circle() {
    for room in ["signal", "stages", "kernels", "params", "state", "engine"] {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for ([from_room, from], (to_room, to), _) in imports() {
            if from_room == room && to_room == room && from != to && !to.is_empty() {
                edges.entry(from).or_default().insert(to);
            }
        }
        assert_eq!(circle(&edges), None, "in {room}");
    }
}

/// The file that a path means: the longest beginning of it that is one.
fn file_of(path: &str, files: &BTreeSet<String>) -> Option<String> {
    let parts: Vec<&str> = path.split("::").collect();
    (1..=parts.len()).rev().map(|count| parts[..count].join("/")).find(|file| files.contains(file))
}

/// Every file with the files that it imports by their absolute paths, its own folder's register apart.
fn file_imports() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![];
    source_files(&root, &mut found);
    let name = |file: &Path| {
        let relative = file.strip_prefix(&root).expect("below the root").with_extension("");
        relative.to_string_lossy().trim_end_matches("/mod").to_owned()
    };
    let files: BTreeSet<String> = found.iter().map(|file| name(file)).collect();
    let imports_of = |file: &PathBuf| {
        let (here, text) = (name(file), fs::read_to_string(file).expect("the file can be read"));
        let uses = code(&text).filter_map(|line| line.trim_start().strip_prefix("use crate::").map(str::to_owned));
        let imported = uses.filter_map(|path| file_of(path.trim_end_matches(';'), &files));
        let imported = imported.filter(|file| !here.starts_with(file.as_str())).collect();
        (here, imported)
    };
    found.iter().map(imports_of).collect()
}

#[test]
fn files_form_no_circle() {
    assert_eq!(circle(&file_imports()), None);
}

#[test]
fn a_circle_is_found() {
    let edge = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));
    assert!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c"), edge("c", "b")])).is_some());
    assert!(circle(&BTreeMap::from([edge("a", "b"), edge("b", "c")])).is_none());
}
