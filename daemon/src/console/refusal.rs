//! Why a request is not done, for programs and people.

/// A refusal: an HTTP status and a sentence for each thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// HTTP status code.
    pub status: u16,
    /// What is wrong and what would be right.
    pub errors: Vec<String>,
}

impl Refusal {
    /// A refusal with one sentence.
    pub fn new(status: u16, error: impl Into<String>) -> Self {
        Refusal {
            status,
            errors: vec![error.into()],
        }
    }

    /// What the request says cannot be done.
    pub fn not_possible(errors: Vec<String>) -> Self {
        Refusal { status: 422, errors }
    }

    /// A zone that is not in the layout.
    pub fn no_zone(status: u16, id: &str, plan: &habitat_layout::Plan) -> Self {
        let ids: Vec<_> = plan.zones.iter().map(|zone| zone.id.as_str()).collect();
        Self::new(status, format!("there is no zone {id:?}; the zones are {}", ids.join(", ")))
    }
}
