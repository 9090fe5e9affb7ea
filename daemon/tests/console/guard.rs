//! Other web sites that are open in a browser on this machine.

use reqwest::{Client, Method, RequestBuilder};

use crate::office::Office;

async fn status(request: RequestBuilder) -> u16 {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert!(status == 200 || text.starts_with("{\"errors\":[\""), "{status}: {text}");
    status
}

fn mute(office: &Office) -> RequestBuilder {
    Client::new()
        .request(Method::PUT, office.url("/api/v1/mute"))
        .body(r#"{"muted": true}"#)
}

fn is_muted(office: &Office) -> bool {
    office.console.control.mutes().borrow().site
}

#[tokio::test]
async fn a_name_that_was_made_to_point_here_reads_and_changes_nothing() {
    let office = Office::without_store().await;
    let port = office.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
    ] {
        for path in ["/", "/api/v1/zones", "/api/v1/events", "/metrics", "/healthz"] {
            assert_eq!(
                status(Client::new().get(office.url(path)).header("Host", &host)).await,
                403,
                "{host} {path}"
            );
        }
        let request = mute(&office).header("Host", &host).header("Content-Type", "application/json");
        assert_eq!(status(request).await, 403, "{host}");
    }
    assert!(!is_muted(&office));
    for host in [
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(
            status(Client::new().get(office.url("/api/v1/zones")).header("Host", &host)).await,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let office = Office::without_store().await;
    let own = office.url("");
    for origin in ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1"] {
        let request = mute(&office)
            .header("Origin", origin)
            .header("Content-Type", "application/json");
        assert_eq!(status(request).await, 403, "{origin}");
    }
    assert!(!is_muted(&office));
    assert_eq!(
        status(mute(&office).header("Origin", own).header("Content-Type", "application/json")).await,
        200
    );
    assert!(is_muted(&office));
}

#[tokio::test]
async fn what_a_form_can_send_changes_nothing() {
    let office = Office::without_store().await;
    assert_eq!(status(mute(&office)).await, 415);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        assert_eq!(status(mute(&office).header("Content-Type", kind)).await, 415, "{kind}");
    }
    assert!(!is_muted(&office));
    assert_eq!(
        status(mute(&office).header("Content-Type", "application/json; charset=utf-8")).await,
        200
    );
}

#[tokio::test]
async fn no_other_site_is_told_that_it_may_ask() {
    let office = Office::without_store().await;
    let request = Client::new()
        .request(Method::OPTIONS, office.url("/api/v1/mute"))
        .header("Origin", "http://evil.example")
        .header("Access-Control-Request-Method", "PUT");
    let response = request.send().await.unwrap();
    assert!(
        response
            .headers()
            .keys()
            .all(|name| !name.as_str().starts_with("access-control"))
    );
    assert!(!response.status().is_success());
}
