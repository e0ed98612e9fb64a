//! The order of the modules: no file imports in a circle, and lower layers import no higher one.
//!
//! A path counts wherever it stands, in a `use` or in code. It leads to the file that declares the name: through the
//! re-exports (`pub use`) of a `mod.rs`, which are no imports themselves. Tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module: its path within the crate, such as `["stream", "partition"]`.
type Module = Vec<String>;

#[derive(Default)]
struct File {
    /// Paths that it imports, absolute within the crate.
    paths: Vec<Module>,
    /// Re-exported names and the paths that they stand for.
    exports: BTreeMap<String, Module>,
}

/// All files below `folder`, which has the module `module`.
fn read(folder: &Path, module: &[String], files: &mut BTreeMap<Module, File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            read(&path, &[module, &[name]].concat(), files);
        } else if path.extension().is_some_and(|e| e == "rs") && !["tests", "model"].contains(&&*name) {
            let own = if ["mod", "lib"].contains(&&*name) { module.to_vec() } else { [module, &[name]].concat() };
            let text = fs::read_to_string(&path).unwrap();
            files.insert(own.clone(), parse(&own, &text));
        }
    }
}

fn parse(own: &[String], text: &str) -> File {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut lines = code.lines().map(|line| line.split("//").next().unwrap().trim());
    let mut file = File::default();
    while let Some(line) = lines.next() {
        let (visibility, tree) = line.split_once("use ").unwrap_or((line, ""));
        if tree.is_empty() || !["", "pub ", "pub(crate) ", "pub(super) "].contains(&visibility) {
            file.paths.extend(inline(line).iter().filter_map(|path| absolute(own, path)));
            continue;
        }
        let mut tree = tree.to_owned();
        while !tree.ends_with(';') {
            tree.push_str(lines.next().unwrap());
        }
        for (path, name) in leaves(tree.trim_end_matches(';')) {
            // Within a `mod.rs` a path may begin with the name of a child.
            let is_export = !visibility.is_empty();
            let child = || is_export.then(|| [own, &path].concat());
            let Some(path) = absolute(own, &path).or_else(child) else { continue };
            if is_export {
                file.exports.insert(name, path);
            } else {
                file.paths.push(path);
            }
        }
    }
    file
}

/// The paths of a tree of imports, each with the name under which it is known.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).filter(|p| p != "self").collect();
        let path = if tree.starts_with("self::") { [vec!["self".to_owned()], path].concat() } else { path };
        let name = if alias.is_empty() { path.last().cloned().unwrap_or_default() } else { alias.trim().to_owned() };
        return vec![(path, name)];
    };
    let (prefix, inner) = (&tree[..open], &tree[open + 1..tree.rfind('}').unwrap()]);
    let (mut depth, mut start, mut all) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                if !part.is_empty() {
                    all.extend(leaves(&format!("{prefix}{part}")));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// Paths in code that begin with `crate` or `super`.
fn inline(code: &str) -> Vec<Vec<String>> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_name(c));
    let paths = words.filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
    paths.map(|path| path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()).collect()
}

/// A path within the crate; `None` for one of another crate.
fn absolute(own: &[String], path: &[String]) -> Option<Module> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" => own.to_vec(),
        "super" => own[..own.len().checked_sub(1)?].to_vec(),
        _ => return None,
    };
    for part in &path[1..] {
        if part == "super" {
            base.pop();
        } else {
            base.push(part.clone());
        }
    }
    Some(base)
}

/// The file that declares the name at the end of a path.
fn target(files: &BTreeMap<Module, File>, path: &[String]) -> Module {
    let mut path = path.to_vec();
    for _ in 0..10 {
        let depth = (0..=path.len()).rev().find(|len| files.contains_key(&path[..*len])).unwrap();
        let Some(name) = path.get(depth) else { break };
        let Some(export) = files[&path[..depth]].exports.get(name) else { break };
        path = [export, &path[depth + 1..]].concat();
    }
    let depth = (0..=path.len()).rev().find(|len| files.contains_key(&path[..*len])).unwrap();
    path[..depth].to_vec()
}

/// The files that each file imports.
fn graph() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut files = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut files);
    let imports = |own: &Module, file: &File| {
        let all = file.paths.iter().map(|path| target(&files, path));
        all.filter(|to| to != own && !to.is_empty()).collect()
    };
    files.iter().map(|(own, file)| (own.clone(), imports(own, file))).collect()
}

/// A circle among the modules, if there is one.
fn circle(graph: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    fn visit(
        at: &Module,
        graph: &BTreeMap<Module, BTreeSet<Module>>,
        way: &mut Vec<Module>,
        done: &mut BTreeSet<Module>,
    ) -> Option<Vec<Module>> {
        if let Some(begin) = way.iter().position(|m| m == at) {
            return Some(way[begin..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at.clone());
        let found = graph.get(at).into_iter().flatten().find_map(|to| visit(to, graph, way, done));
        way.pop();
        done.insert(at.clone());
        found
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| visit(start, graph, &mut Vec::new(), &mut done))
}

/// The same graph between the folders at some level: the files below `root` by the name that follows it.
fn between(graph: &BTreeMap<Module, BTreeSet<Module>>, root: &[&str]) -> BTreeMap<Module, BTreeSet<Module>> {
    let child = |m: &Module| {
        let is_below = m.len() > root.len() && m.iter().zip(root).all(|(a, b)| a == b);
        is_below.then(|| m[..=root.len()].to_vec())
    };
    let mut all: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in graph {
        let Some(from) = child(from) else { continue };
        let to: Vec<Module> = to.iter().filter_map(child).filter(|to| *to != from).collect();
        all.entry(from).or_default().extend(to);
    }
    all
}

#[test]
fn no_file_imports_in_a_circle() {
    let graph = graph();
    assert!(graph.len() > 60, "{} files", graph.len());
    let edges: usize = graph.values().map(BTreeSet::len).sum();
    assert!(edges > 200, "{edges} imports");
    assert_eq!(circle(&graph), None);
}

#[test]
fn no_folder_imports_in_a_circle() {
    let graph = graph();
    for root in [&[][..], &["store"], &["kafka"], &["stream"], &["stream", "guarantee"]] {
        assert_eq!(circle(&between(&graph, root)), None, "below {root:?}");
    }
}

#[test]
fn lower_layers_import_no_higher_one() {
    let graph = graph();
    let below = |m: &Module, root: &str| m.join("::") == root || m.join("::").starts_with(&format!("{root}::"));
    for (lower, higher) in [
        ("codec", "kafka"),
        ("codec", "store"),
        ("codec", "stream"),
        ("kafka", "store"),
        ("kafka", "stream"),
        ("store", "kafka"),
        ("store", "stream"),
        ("stream::protocol", "stream::guarantee"),
        ("stream::protocol", "stream::partition"),
        ("stream::states", "stream::guarantee"),
        ("stream::guarantee", "stream::partition"),
        ("stream::guarantee", "stream::kafka"),
        ("stream::partition", "stream::kafka"),
        ("stream::partition", "stream::guarantee::at_least_once"),
        ("stream::partition", "stream::guarantee::exactly_once"),
        ("stream::guarantee::at_least_once", "stream::guarantee::exactly_once"),
        ("stream::guarantee::exactly_once", "stream::guarantee::at_least_once"),
    ] {
        let wrong: Vec<_> = graph
            .iter()
            .filter(|(from, _)| below(from, lower))
            .flat_map(|(from, to)| to.iter().filter(|to| below(to, higher)).map(move |to| (from, to)))
            .collect();
        assert_eq!(wrong, [], "{lower} imports {higher}");
    }
}

#[test]
fn imports_are_read_as_they_are_written() {
    let own = ["a".to_owned(), "b".to_owned()];
    let text = "use super::{c::{D, e::self},\n F as G};\npub use self::h::I;\nfn f() { crate::j::k(super::l::m) }\n";
    let file = parse(&own, text);
    let paths: Vec<String> = file.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["a::c::D", "a::c::e", "a::F", "j::k", "a::l::m"]);
    assert_eq!(file.exports["I"].join("::"), "a::b::h::I");
    let circular = BTreeMap::from([
        (vec!["x".to_owned()], BTreeSet::from([vec!["y".to_owned()]])),
        (vec!["y".to_owned()], BTreeSet::from([vec!["x".to_owned()]])),
    ]);
    assert!(circle(&circular).is_some());
}
