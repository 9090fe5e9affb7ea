//! What a tenant states before anything is sent to it.

use habitat_tenant::{Limits, ServeOptions, TenantService, router, serve};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{
    Place, TOKEN, Tenant,
    admin::{admin, register},
    client::{Client, send},
    on_both_stores, tokens,
};

on_both_stores![it_states_where_its_data_are_kept_and_whose_the_site_is_to_those_it_lets_in];

async fn it_states_where_its_data_are_kept_and_whose_the_site_is_to_those_it_lets_in(place: Place) {
    let service = TenantService::connect(&place.database(), tokens(), Limits::default()).await;
    let service = service.expect("the database opens").in_region(Some("eu-north"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let client = Client::new(&format!("http://{}", listener.local_addr().expect("an address")));
    let shutdown = CancellationToken::new();
    let serving = tokio::spawn(serve(
        listener,
        router(service.clone()),
        ServeOptions::default(),
        shutdown.clone(),
    ));
    register(&place, "acme", &["hq"]);
    let token = admin(&place, &["token", "create", "acme", "--site", "hq"]).token();

    let ask = |site: &str, token: &str| send(client.request(Method::GET, &format!("/v1/sites/{site}")).bearer_auth(token));
    assert_eq!(
        ask("hq", &token).await.json,
        json!({ "site": "hq", "tenant": "acme", "region": "eu-north" })
    );
    assert_eq!(
        ask("hq", TOKEN).await.json,
        json!({ "site": "hq", "tenant": null, "region": "eu-north" })
    );
    for (site, token, status) in [("hq", "wrong", 401), ("lab", token.as_str(), 403), ("H Q", TOKEN, 400)] {
        assert_eq!(ask(site, token).await.status, status, "{site}");
    }
    let nobody = send(client.request(Method::GET, "/v1/sites/hq")).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);

    shutdown.cancel();
    serving.await.expect("no panic").expect("the server ends in order");
    service.close().await;
    let unsaid = Tenant::start(&place).await;
    let statement = send(unsaid.client().request(Method::GET, "/v1/sites/hq").bearer_auth(TOKEN)).await;
    assert_eq!(statement.json["region"], json!(null));
}
