//! A tenant with people of every role, and what they do over HTTP.

use habitat_tenant::{Administrator, Role, TenantId};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::{Tenant, documented};

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";

pub const ROLES: [Role; 3] = [Role::Owner, Role::Manager, Role::Viewer];

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub session: String,
}

/// What came back; an answer without a body has null.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Reply {
    pub fn error(&self) -> &str {
        self.json["error"]
            .as_str()
            .unwrap_or_else(|| panic!("a refusal says why: {self:?}"))
    }
}

pub fn tenant_id(text: &str) -> TenantId {
    TenantId::parse(text).expect("well-formed")
}

/// Registers a company with the sites `hq` and `lab` and an owner, a manager and a viewer, who are logged in.
pub async fn company(tenant: &Tenant, id: &str) -> [Person; 3] {
    let register = tenant.service.register("test");
    let key = tenant_id(id);
    register
        .add_tenant(&key, &format!("{id} Oy"), "Europe/Helsinki")
        .await
        .expect("new");
    for site in ["hq", "lab"] {
        let site = habitat_tenant::SiteId::parse(site).expect("well-formed");
        register.add_site(&key, &site, "A site").await.expect("new");
    }
    let mut people = Vec::new();
    for role in ROLES {
        people.push(person(tenant, id, role, &format!("{role}@{id}.example")).await);
    }
    people.try_into().expect("one of each role")
}

/// Registers somebody and logs them in.
pub async fn person(tenant: &Tenant, company: &str, role: Role, email: &str) -> Person {
    let register = tenant.service.register("test");
    let key = tenant_id(company);
    let administrator = Administrator {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        address: "St James's Square 12".to_owned(),
        phone: "+358 9 1".to_owned(),
        email: email.to_owned(),
    };
    let id = register.add_administrator(&key, &administrator, role).await.expect("new");
    register.set_password(&key, &id, PASSWORD).await.expect("long enough");
    let reply = log_in(tenant, company, email, PASSWORD).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
    Person {
        id,
        email: email.to_owned(),
        session: reply.json["session"].as_str().expect("a session").to_owned(),
    }
}

pub async fn log_in(tenant: &Tenant, company: &str, email: &str, password: &str) -> Reply {
    let body = json!({ "tenant": company, "email": email, "password": password });
    call(tenant, None, Method::POST, "/v1/session", Some(body)).await
}

/// A request of somebody, or of nobody.
pub async fn call(tenant: &Tenant, session: Option<&str>, method: Method, path: &str, body: Option<Value>) -> Reply {
    let mut request = tenant.client().request(method.clone(), path);
    if let Some(session) = session {
        request = request.bearer_auth(session);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.expect("a whole answer");
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    documented::check(&method, path, status, &json);
    Reply { status, headers, json }
}

impl Person {
    pub async fn get(&self, tenant: &Tenant, path: &str) -> Value {
        let reply = call(tenant, Some(&self.session), Method::GET, path, None).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
        reply.json
    }

    pub async fn send(&self, tenant: &Tenant, method: Method, path: &str, body: Value) -> Reply {
        call(tenant, Some(&self.session), method, path, Some(body)).await
    }

    pub async fn delete(&self, tenant: &Tenant, path: &str) -> Reply {
        call(tenant, Some(&self.session), Method::DELETE, path, None).await
    }
}
