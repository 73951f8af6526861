//! As much of JSON Schema as the published schemas use. A keyword that is not known here fails, so that nothing is
//! taken for checked that is not; and a key that a schema does not name fails too, so that it names them all.

use serde_json::{Map, Value};

/// What of a value is not as a schema says, each with its place.
pub(crate) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    check(schema, schema, value, "$", &mut out);
    out
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type of JSON Schema"),
    }
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    if schema.as_bool() == Some(true) {
        return;
    }
    let rules = schema.as_object().unwrap_or_else(|| panic!("{at}: {schema} is no schema"));
    for (keyword, rule) in rules {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "then" => {}
            "$ref" => check(root, defined(root, rule), value, at, out),
            "type" => {
                let names: Vec<&str> = match rule {
                    Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
                    name => vec![name.as_str().unwrap()],
                };
                if !names.iter().any(|name| is_type(name, value)) {
                    out.push(format!("{at}: {value} is no {}", names.join(" or ")));
                }
            }
            "const" if rule != value => out.push(format!("{at}: {value} is not {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                out.push(format!("{at}: {value} is none of {rule}"));
            }
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().unwrap()).unwrap();
                if value.as_str().is_some_and(|text| !pattern.is_match(text)) {
                    out.push(format!("{at}: {value} is not like {rule}"));
                }
            }
            "minimum" if value.as_f64().is_some_and(|number| number < rule.as_f64().unwrap()) => {
                out.push(format!("{at}: {value} is below {rule}"));
            }
            "minItems" | "maxItems" => {
                let limit = rule.as_u64().unwrap() as usize;
                let wrong = |items: &Vec<Value>| {
                    if keyword == "minItems" { items.len() < limit } else { items.len() > limit }
                };
                if value.as_array().is_some_and(wrong) {
                    out.push(format!("{at}: {keyword} is {limit}"));
                }
            }
            "const" | "enum" | "minimum" => {}
            "items" => {
                for (place, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}[{place}]"), out);
                }
            }
            "required" => {
                for name in rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
                    if value.as_object().is_some_and(|object| !object.contains_key(name)) {
                        out.push(format!("{at}: {name} is missing"));
                    }
                }
            }
            "properties" | "additionalProperties" => {}
            "anyOf" => {
                let fits = |one: &Value| {
                    let mut found = Vec::new();
                    check(root, one, value, at, &mut found);
                    found.is_empty()
                };
                if !rule.as_array().unwrap().iter().any(fits) {
                    out.push(format!("{at}: none of the alternatives fits"));
                }
            }
            "allOf" => rule.as_array().unwrap().iter().for_each(|one| check(root, one, value, at, out)),
            "if" => {
                let mut found = Vec::new();
                // A condition names one key of many.
                let named = rule["properties"].as_object().unwrap();
                for (name, rule) in named {
                    check(root, rule, &value[name], at, &mut found);
                }
                if found.is_empty() {
                    check(root, &rules["then"], value, at, out);
                }
            }
            other => panic!("{other} is a keyword that this test does not know"),
        }
    }
    if let Some(object) = value.as_object() {
        keys(root, rules, object, at, out);
    }
}

fn keys(root: &Value, rules: &Map<String, Value>, object: &Map<String, Value>, at: &str, out: &mut Vec<String>) {
    let others = rules.get("additionalProperties");
    let Some(named) = rules.get("properties").or(others.and(Some(&Value::Null))) else { return };
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match (named.get(name), others) {
            (Some(rule), _) | (None, Some(rule)) => check(root, rule, value, &at, out),
            (None, None) => out.push(format!("{at}: the schema does not name it")),
        }
    }
}

fn defined<'s>(root: &'s Value, name: &Value) -> &'s Value {
    let name = name.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
    root["$defs"].get(name).unwrap_or_else(|| panic!("{name} is not defined"))
}

#[test]
fn what_is_wrong_is_found() {
    let schema: Value = serde_json::from_str(
        r##"{"type": "object", "required": ["a"], "properties": {"a": {"enum": ["x"]}, "b": {"$ref": "#/$defs/n"},
        "c": {"type": "array", "items": {"type": "string", "pattern": "^k"}, "maxItems": 2},
        "d": {"additionalProperties": {"anyOf": [{"type": "null"}, {"minimum": 1, "type": "integer"}]}},
        "e": {"properties": {"kind": {}}, "additionalProperties": true,
              "allOf": [{"if": {"properties": {"kind": {"const": "q"}}}, "then": {"required": ["w"]}}]}},
        "$defs": {"n": {"type": ["number", "null"]}}}"##,
    )
    .unwrap();
    let found = |text: &str| problems(&schema, &serde_json::from_str(text).unwrap());
    assert_eq!(found(r#"{"a": "x", "b": null, "c": ["k"], "d": {"m": null, "n": 2}, "e": {"kind": "z"}}"#), [""; 0]);
    for (text, problem) in [
        ("[]", "$: [] is no object"),
        ("{}", "$: a is missing"),
        (r#"{"a": "y"}"#, r#"$.a: "y" is none of ["x"]"#),
        (r#"{"a": "x", "b": "1"}"#, r#"$.b: "1" is no number or null"#),
        (r#"{"a": "x", "c": ["l"]}"#, r#"$.c[0]: "l" is not like "^k""#),
        (r#"{"a": "x", "c": ["k", "k", "k"]}"#, "$.c: maxItems is 2"),
        (r#"{"a": "x", "d": {"m": 0}}"#, "$.d.m: none of the alternatives fits"),
        (r#"{"a": "x", "e": {"kind": "q"}}"#, "$.e: w is missing"),
        (r#"{"a": "x", "new": 1}"#, "$.new: the schema does not name it"),
    ] {
        assert_eq!(found(text), [problem], "{text}");
    }
}
