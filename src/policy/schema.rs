//! The JSON Schema of the policy language, drawn from the grammar and the table of measures: what editors complete by.

use super::grammar::{ATTESTATIONS, Field, POLICY, Shape, Type, WAIVERS};
use super::measures::{MEASURES, Unit};
use super::{Direction, Measure};
use crate::evidence::Kind;
use serde_json::{Map, Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a policy file, of a file of waivers, or of a file of attestations.
#[must_use]
pub fn schema(which: SchemaOf) -> Value {
    let (title, root) = match which {
        SchemaOf::Policy => ("Policy of Shipworthy", &POLICY),
        SchemaOf::Waivers => ("Waivers and quarantines of Shipworthy", &WAIVERS),
        SchemaOf::Attestations => ("Attestations for Shipworthy", &ATTESTATIONS),
    };
    let mut document = Map::new();
    document.insert("$schema".to_owned(), json!(DIALECT));
    document.insert("title".to_owned(), json!(title));
    if let Value::Object(shape) = of_shape(root) {
        document.extend(shape);
    }
    Value::Object(document)
}

/// The languages that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaOf {
    /// A policy file.
    Policy,
    /// A file of waivers and quarantines.
    Waivers,
    /// A file of attestations.
    Attestations,
}

impl SchemaOf {
    /// All of them, with the names of their files.
    pub const ALL: [(Self, &str); 3] = [
        (Self::Policy, "policy.v1.json"),
        (Self::Waivers, "waivers.v1.json"),
        (Self::Attestations, "attestations.v1.json"),
    ];
}

fn of_shape(shape: &Shape) -> Value {
    let property = |field: &Field| {
        let mut of = of_type(field.of);
        if let Value::Object(of) = &mut of {
            of.insert("description".to_owned(), json!(field.doc));
        }
        (field.key.to_owned(), of)
    };
    let properties: Map<String, Value> = shape.fields.iter().map(property).collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("additionalProperties".to_owned(), json!(false));
    object.insert("properties".to_owned(), Value::Object(properties));
    if !shape.required.is_empty() {
        object.insert("required".to_owned(), json!(shape.required));
    }
    if shape.name.ends_with("condition") || shape.name == "a match" {
        object.insert("minProperties".to_owned(), json!(1));
    }
    Value::Object(object)
}

fn of_type(of: Type) -> Value {
    match of {
        Type::Text | Type::Glob => json!({ "type": ["string", "number"], "minLength": 1 }),
        Type::Word(["1"]) => json!({ "enum": [1, "1"] }),
        Type::Word(words) => json!({ "enum": words }),
        Type::Flag => json!({ "type": "boolean" }),
        Type::Count(least) => json!({ "type": "integer", "minimum": least }),
        Type::Score => json!({
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 100 }, { "type": "string", "pattern": r"^\d+(\.\d+)?%?$" }]
        }),
        Type::Weight => json!({
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": r"^\d+(\.\d+)?\s*%$|^\d+$" }]
        }),
        Type::Bound => json!({ "type": ["string", "number"], "minLength": 1 }),
        Type::Age => json!({ "type": "string", "pattern": r"^[1-9]\d*\s*[mhdw]$" }),
        Type::Date => json!({ "type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$" }),
        Type::List(of) => {
            let of = of_type(*of);
            json!({ "anyOf": [{ "type": "array", "items": of }, of] })
        }
        Type::Map(of) => {
            json!({ "type": "object", "additionalProperties": { "anyOf": [of_type(*of), { "type": "null" }] } })
        }
        Type::Criteria => criteria(),
        Type::Shape(shape) => of_shape(shape),
        Type::Either(a, b) => json!({ "anyOf": [of_type(*a), of_type(*b)] }),
    }
}

/// Each measure with values of its unit; any other key is a name of its own and says what it measures.
fn criteria() -> Value {
    let measured = MEASURES.iter().filter(|m| m.kind != Kind::Check);
    let properties: Map<String, Value> = measured
        .map(|m| {
            let bound = bound(m);
            let mut long = of_shape(&super::grammar::CRITERION);
            if let Some(properties) = long.get_mut("properties").and_then(Value::as_object_mut) {
                for key in ["measure", "check"] {
                    properties.shift_remove(key);
                }
                for key in ["target", "limit"] {
                    properties.insert(key.to_owned(), bound.clone());
                }
            }
            let direction = if m.direction == Direction::Higher { "at least" } else { "at most" };
            let description = format!("{}: {direction}, for example `{}`.", m.title, m.example());
            (
                m.id.to_owned(),
                json!({ "description": description, "anyOf": [bound, long, { "type": "null" }] }),
            )
        })
        .collect();
    let mut named = of_shape(&super::grammar::CRITERION);
    if let Some(object) = named.as_object_mut() {
        object.insert(
            "oneOf".to_owned(),
            json!([{ "required": ["measure", "target"] }, { "required": ["check"] }]),
        );
        let ids: Vec<&str> = MEASURES.iter().filter(|m| m.kind != Kind::Check).map(|m| m.id).collect();
        if let Some(measure) = object.get_mut("properties").and_then(|p| p.get_mut("measure")) {
            *measure = json!({ "enum": ids });
        }
    }
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": properties,
        "additionalProperties": { "anyOf": [named, { "type": "null" }] }
    })
}

/// A value in the unit of a measure, behind the operator that its direction allows.
fn bound(measure: &Measure) -> Value {
    let operator =
        if measure.direction == Direction::Higher { r"^\s*(>=|==?)?\s*" } else { r"^\s*(<=|==?)?\s*" };
    let (units, number) = match measure.unit {
        Unit::Ratio => ("%", false),
        Unit::Count | Unit::Plain => ("", true),
        Unit::Millis => ("(ms|s)?", true),
        Unit::Seconds => ("(s|m|min|h)?", true),
        Unit::PerSecond => ("(/s)?", true),
    };
    let pattern = format!(r"{operator}-?\d+(\.\d+)?([eE][+-]?\d+)?\s*{units}\s*$");
    let text = json!({ "type": "string", "pattern": pattern });
    if number { json!({ "anyOf": [text, { "type": "number" }] }) } else { text }
}
