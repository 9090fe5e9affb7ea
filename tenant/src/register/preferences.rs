//! What an administrator prefers: a closed set, so that nothing about a person can be written into it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{Register, RegisterError, exists, freely, lists::Columns, sql, time_zone};
use crate::{ids::TenantId, store::Statement};

/// Language of pages and notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Finnish.
    Fi,
    /// French.
    Fr,
    /// Swedish.
    Sv,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    /// 43.5
    #[default]
    Point,
    /// 43,5
    Comma,
}

/// Unit of lengths on plans. Levels are in decibels everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LengthUnit {
    /// Metres.
    #[default]
    Metre,
    /// Feet.
    Foot,
}

/// The preferences of an administrator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// Language of pages and notices.
    pub language: Language,
    /// IANA name; null: that of the tenant.
    pub time_zone: Option<String>,
    /// How numbers are written.
    pub decimal_sign: DecimalSign,
    /// Unit of lengths.
    pub length_unit: LengthUnit,
    /// Whether notices come by e-mail.
    pub email_notices: bool,
}

impl Register {
    /// Sets the preferences of an administrator.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, or the time zone is none.
    pub async fn set_preferences(
        &self,
        tenant: &TenantId,
        administrator: &str,
        preferences: &Preferences,
    ) -> Result<(), RegisterError> {
        let zone = preferences.time_zone.as_deref().map(time_zone).transpose()?;
        let values = vec![
            tenant.as_str().into(),
            administrator.into(),
            word(preferences.language).as_str().into(),
            zone.unwrap_or_default().into(),
            word(preferences.decimal_sign).as_str().into(),
            word(preferences.length_unit).as_str().into(),
            i64::from(preferences.email_notices).into(),
        ];
        let steps = vec![exists(tenant), freely(sql::SET_PREFERENCES, values)];
        self.change(tenant, "set preferences", administrator, steps).await
    }

    /// The preferences that were set at a tenant, by administrator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn preferences(&self, tenant: &TenantId) -> Result<Vec<(String, Preferences)>, RegisterError> {
        let statement = Statement::new(sql::PREFERENCES, vec![tenant.as_str().into()]);
        let rows = self.store.query(statement).await?;
        let read = |row| {
            let mut row = Columns::of(row);
            let administrator = row.text();
            let preferences = Preferences {
                language: read_word(row.text()),
                time_zone: Some(row.text()).filter(|zone| TimeZone::get(zone).is_ok()),
                decimal_sign: read_word(row.text()),
                length_unit: read_word(row.text()),
                email_notices: row.number() == Some(1),
            };
            (administrator, preferences)
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

/// A choice as it is written.
fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A choice of a later version is read as none.
fn read_word<T: DeserializeOwned + Default>(word: String) -> T {
    serde_json::from_value(serde_json::Value::String(word)).unwrap_or_default()
}
