//! What administrators do over HTTP: log in, look after the register, and use their rights over the data of their tenant.
//!
//! Each handler names the role that it needs as an argument ([`guard`]), which is examined before the body is read. An id of
//! another tenant is one that does not exist.

mod access_log;
mod administrators;
mod certificates;
mod controllers;
mod export;
mod guard;
mod input;
mod preferences;
mod restrictions;
mod session;
mod sites;
mod tenant;
mod termination;
mod tokens;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::map_response,
    response::Response,
    routing::{get, patch, post, put},
};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        ContentBuilder, Ref, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::service::TenantService;

/// Nothing that administrators send is longer, in bytes.
const BODY_MAX: usize = 16 << 10;

/// What leads where.
pub(super) fn routes() -> Router<TenantService> {
    Router::new()
        .route(
            "/v1/session",
            post(session::log_in).get(session::show).delete(session::log_out),
        )
        .route("/v1/password", put(session::change_password))
        .route("/v1/invitation", post(session::accept_invitation))
        .route("/v1/tenant", get(tenant::show).patch(tenant::correct))
        .route("/v1/retention", get(tenant::retention).put(tenant::set_retention))
        .route("/v1/administrators", get(administrators::list).post(administrators::add))
        .route(
            "/v1/administrators/{id}",
            get(administrators::show)
                .patch(administrators::correct)
                .delete(administrators::remove),
        )
        .route("/v1/administrators/{id}/invitation", post(administrators::invite))
        .route("/v1/sites", get(sites::list).post(sites::add))
        .route("/v1/sites/{site}", patch(sites::rename))
        .route("/v1/controllers", get(controllers::list))
        .route("/v1/tokens", get(tokens::list).post(tokens::create))
        .route("/v1/tokens/{id}", axum::routing::delete(tokens::revoke))
        .route("/v1/tokens/{id}/rotate", post(tokens::rotate))
        .route("/v1/preferences", get(preferences::show).put(preferences::set))
        .route("/v1/access-log", get(access_log::list))
        .route("/v1/export", get(export::archive))
        .route(
            "/v1/restrictions",
            get(restrictions::list).post(restrictions::add).delete(restrictions::lift),
        )
        .route(
            "/v1/termination",
            get(termination::show).post(termination::begin).delete(termination::cancel),
        )
        .route("/v1/certificates/{id}", get(certificates::show))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(map_response(keep_nowhere))
}

/// Secrets and names must not stay in caches on the way.
async fn keep_nowhere(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal.
#[derive(ToSchema)]
#[expect(dead_code, reason = "stands for what `ApiError` writes, in the description only")]
struct Refused {
    /// What is wrong, and what would be right.
    error: String,
}

/// The description of this part of the API.
#[derive(OpenApi)]
#[openapi(
    info(title = "Accounts", description = "Administrators, the register, and rights over data"),
    paths(
        session::log_in,
        session::show,
        session::log_out,
        session::change_password,
        session::accept_invitation,
        tenant::show,
        tenant::correct,
        tenant::retention,
        tenant::set_retention,
        administrators::list,
        administrators::add,
        administrators::show,
        administrators::correct,
        administrators::remove,
        administrators::invite,
        sites::list,
        sites::add,
        sites::rename,
        controllers::list,
        tokens::list,
        tokens::create,
        tokens::revoke,
        tokens::rotate,
        preferences::show,
        preferences::set,
        access_log::list,
        export::archive,
        restrictions::list,
        restrictions::add,
        restrictions::lift,
        termination::show,
        termination::begin,
        termination::cancel,
        certificates::show,
    ),
    components(schemas(Refused)),
    modifiers(&SessionScheme, &Bodies)
)]
pub struct AccountsApi;

/// Every request with a body may have one that is too long, or of another kind.
struct Bodies;

impl Modify for Bodies {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        for item in api.paths.paths.values_mut() {
            let operations = [&mut item.post, &mut item.put, &mut item.patch];
            for operation in operations
                .into_iter()
                .flatten()
                .filter(|operation| operation.request_body.is_some())
            {
                for (status, what) in [("413", "More than 16 KiB"), ("415", "Not JSON")] {
                    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Refused"))).build();
                    let response = ResponseBuilder::new().description(what).content("application/json", content);
                    let responses = &mut operation.responses.responses;
                    responses.insert(status.to_owned(), response.build().into());
                }
            }
        }
    }
}

struct SessionScheme;

impl Modify for SessionScheme {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("What `POST /v1/session` gave."))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::Http(scheme));
    }
}
