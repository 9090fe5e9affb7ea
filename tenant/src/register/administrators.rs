//! Administrators come, change and go. The log says who did what to whom by id; names and addresses stand in one table only,
//! where they can be corrected and erased.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    Administrator, Register, RegisterError, Role, checked, exists, freely, limited, password,
    secret::{self, Secret},
    sql, step,
};
use crate::{
    ids::TenantId,
    store::{Refusal, Statement, Step, Value},
};

/// What invitations begin with.
const INVITATION: &str = "habitat-invitation_";
/// How long one is good for.
const INVITATION_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is to be corrected about an administrator; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Role.
    pub role: Option<Role>,
}

/// An invitation to set a password, once.
pub struct Invitation {
    /// What to hand over.
    pub secret: String,
    /// Until when it is good, microseconds since 1970.
    pub(crate) expires_us: i64,
}

impl Register {
    /// Registers an administrator of a tenant, and says under which id.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such tenant, or an administrator with this e-mail address, or a name is missing.
    pub async fn add_administrator(
        &self,
        tenant: &TenantId,
        administrator: &Administrator,
        role: Role,
    ) -> Result<String, RegisterError> {
        let id = Uuid::new_v4().simple().to_string();
        let email = email(&administrator.email)?;
        let values = vec![
            tenant.as_str().into(),
            id.as_str().into(),
            email.as_str().into(),
            checked("the first name", &administrator.first_name)?.as_str().into(),
            checked("the last name", &administrator.last_name)?.as_str().into(),
            limited("the address", &administrator.address)?.as_str().into(),
            limited("the telephone number", &administrator.phone)?.as_str().into(),
            role.as_str().into(),
            self.now_us().into(),
        ];
        let refusal = Refusal::Conflict(format!("{tenant} has an administrator {email} already"));
        let add = step(sql::ADD_ADMINISTRATOR, values, refusal);
        let detail = format!("{id} as {role}");
        self.change(tenant, "add administrator", &detail, vec![exists(tenant), add])
            .await?;
        Ok(id)
    }

    /// Corrects what is kept about an administrator.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such administrator, another one has the e-mail address, or nobody would be owner.
    pub async fn correct_administrator(&self, tenant: &TenantId, id: &str, correction: &Correction) -> Result<(), RegisterError> {
        let mut steps = vec![exists(tenant), found(tenant, id)];
        let mut fields = Vec::new();
        let plain = [
            ("first_name", sql::SET_FIRST_NAME, &correction.first_name, true),
            ("last_name", sql::SET_LAST_NAME, &correction.last_name, true),
            ("address", sql::SET_ADDRESS, &correction.address, false),
            ("phone", sql::SET_PHONE, &correction.phone, false),
        ];
        for (field, sql, text, needed) in plain {
            let Some(text) = text else { continue };
            let text = if needed {
                checked(field, text)?
            } else {
                limited(field, text)?
            };
            steps.push(freely(sql, about(&text, tenant, id)));
            fields.push(field.to_owned());
        }
        if let Some(text) = &correction.email {
            let email = email(text)?;
            let refusal = Refusal::Conflict(format!("{tenant} has an administrator {email} already"));
            steps.push(step(sql::SET_EMAIL, about(&email, tenant, id), refusal));
            fields.push("email".to_owned());
        }
        if let Some(role) = correction.role {
            steps.push(step(sql::SET_ROLE, about(role.as_str(), tenant, id), last_owner()));
            fields.push(format!("role {role}"));
        }
        if fields.is_empty() {
            return Err(RegisterError::Wrong("there is nothing to change".to_owned()));
        }
        let detail = format!("{id}: {}", fields.join(", "));
        self.change(tenant, "correct administrator", &detail, steps).await
    }

    /// Erases an administrator.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such administrator, or it is the last owner.
    pub async fn remove_administrator(&self, tenant: &TenantId, id: &str) -> Result<(), RegisterError> {
        let key = || vec![tenant.as_str().into(), id.into()];
        let steps = vec![
            exists(tenant),
            found(tenant, id),
            freely(sql::END_SESSIONS, key()),
            freely(sql::FORGET_PREFERENCES, key()),
            step(sql::REMOVE_ADMINISTRATOR, key(), last_owner()),
        ];
        self.change(tenant, "remove administrator", id, steps).await
    }

    /// The id of the administrator with an e-mail address.
    ///
    /// # Errors
    /// [`RegisterError`], when there is none.
    pub async fn administrator_with(&self, tenant: &TenantId, address: &str) -> Result<String, RegisterError> {
        let address = email(address)?;
        let values = vec![tenant.as_str().into(), address.as_str().into()];
        let rows = self.store.query(Statement::new(sql::ADMINISTRATOR_WITH, values)).await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Text(id)) => Ok(id.clone()),
            _ => Err(RegisterError::Missing(format!("{tenant} has no administrator {address}"))),
        }
    }

    /// Sets a password, and ends the sessions and invitations of before.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such administrator, or the password is too short.
    pub async fn set_password(&self, tenant: &TenantId, id: &str, new: &str) -> Result<(), RegisterError> {
        let kept = password::hash(new).await?;
        let steps = vec![
            exists(tenant),
            step(sql::SET_PASSWORD, about(&kept, tenant, id), missing(tenant, id)),
            freely(sql::END_SESSIONS, vec![tenant.as_str().into(), id.into()]),
        ];
        self.change(tenant, "set password", id, steps).await
    }

    /// Makes an invitation to set a password; one of before is good no more.
    ///
    /// # Errors
    /// [`RegisterError`], when there is no such administrator.
    pub async fn invite(&self, tenant: &TenantId, id: &str) -> Result<Invitation, RegisterError> {
        let Secret { text, digest } = Secret::draw(INVITATION, tenant)?;
        let expires_us = self.now_us() + i64::try_from(INVITATION_LIFETIME.as_micros()).unwrap_or(i64::MAX);
        let values = vec![digest.as_str().into(), expires_us.into(), tenant.as_str().into(), id.into()];
        let steps = vec![exists(tenant), step(sql::INVITE, values, missing(tenant, id))];
        self.change(tenant, "invite administrator", id, steps).await?;
        Ok(Invitation {
            secret: text,
            expires_us,
        })
    }

    /// Sets a password by an invitation, which is good no more then.
    ///
    /// # Errors
    /// [`RegisterError::Missing`], when the invitation is none that is good.
    pub(crate) async fn accept_invitation(&self, invitation: &str, new: &str) -> Result<(), RegisterError> {
        let none = || RegisterError::Missing("this invitation is not known, was used, or its time is over".to_owned());
        let tenant = secret::tenant_of(INVITATION, invitation).ok_or_else(none)?;
        let digest = secret::digest(invitation);
        let values = vec![tenant.as_str().into(), digest.as_str().into(), self.now_us().into()];
        let rows = self.store.query(Statement::new(sql::INVITED, values)).await?;
        let Some([Value::Text(id)]) = rows.first().map(Vec::as_slice) else {
            return Err(none());
        };
        let kept = password::hash(new).await?;
        let values = vec![
            kept.as_str().into(),
            tenant.as_str().into(),
            id.as_str().into(),
            digest.as_str().into(),
        ];
        let steps = vec![
            exists(&tenant),
            step(sql::ACCEPT_INVITATION, values, missing(&tenant, id)),
            freely(sql::END_SESSIONS, vec![tenant.as_str().into(), id.as_str().into()]),
        ];
        self.as_actor(id).change(&tenant, "accept invitation", id, steps).await
    }
}

/// Small letters, so that it is found however it is typed.
pub(super) fn email(text: &str) -> Result<String, RegisterError> {
    let email = checked("the e-mail address", text)?.to_lowercase();
    if !email.contains('@') {
        return Err(RegisterError::Wrong(format!(
            "{email:?} is no e-mail address; right would be name@example.org"
        )));
    }
    Ok(email)
}

fn about(value: &str, tenant: &TenantId, id: &str) -> Vec<Value> {
    vec![value.into(), tenant.as_str().into(), id.into()]
}

fn found(tenant: &TenantId, id: &str) -> Step {
    let values = vec![tenant.as_str().into(), id.into()];
    step(sql::FIND_ADMINISTRATOR, values, missing(tenant, id))
}

fn missing(tenant: &TenantId, id: &str) -> Refusal {
    Refusal::Missing(format!("{tenant} has no administrator {id:?}"))
}

fn last_owner() -> Refusal {
    Refusal::Conflict("this is the last owner, and there must be one; make somebody else an owner first".to_owned())
}
