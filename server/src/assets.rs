//! The tablet's side as the relay serves it: page, modules, style and service worker, embedded at build time by `build.rs`.
//!
//! Every document and script carries the strict content security policy; a worker takes its policy from its own response,
//! so scripts carry it too. Files under `/a/` are named by their content and may be kept for ever; everything else is asked
//! for anew. A path nobody else answers is a screen of the interface and gets the page. Nothing here reads data.

use axum::Router;
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;

mod embedded {
    use super::Embedded;
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// One embedded file.
struct Embedded {
    path: &'static str,
    content_type: &'static str,
    /// A strong entity tag, with its quotation marks.
    tag: &'static str,
    bytes: &'static [u8],
    /// The same bytes compressed with Brotli, when that made them smaller.
    br: Option<&'static [u8]>,
}

/// What pages and scripts may do: their own origin's scripts, styles, pictures and connections, a sound they made themselves, and
/// nothing else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
img-src 'self' blob: data:; media-src blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

/// Device features the interface never uses; the QR code is read by the tablet's own camera application.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
encrypted-media=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), \
payment=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Headers of every embedded file.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::VARY, "accept-encoding"),
];

/// Further headers of documents and scripts.
const DOCUMENT_HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
];

/// First parts of paths that belong to the relay; a wrong one is not a screen.
const RELAY_PATHS: [&str; 6] = ["a", "sync", "live", "pack", "health", "metrics"];

/// What tablets shall do with the build of the client they keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builds {
    /// Keep the build that is served, and change to it when it is new.
    Kept,
    /// Drop every kept build: the way back from a bad one. What tablets have stored is not touched.
    Withdrawn,
}

/// Serves the client. Mount it with [`Router::merge`]: it answers `GET /enrol` (the page behind the QR code) beside the
/// relay's `POST /enrol`, and everything no other route answers.
pub fn router<S>(builds: Builds) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let serve = move |uri: Uri, headers: HeaderMap| async move { respond(uri.path(), &headers, builds) };
    Router::new().route("/enrol", get(serve)).fallback(get(serve))
}

fn respond(path: &str, request: &HeaderMap, builds: Builds) -> Response {
    match find(path, builds) {
        Some(file) => serve(file, request),
        None => bare(StatusCode::NOT_FOUND),
    }
}

fn find(path: &str, builds: Builds) -> Option<&'static Embedded> {
    let path = match (path, builds) {
        ("/sw.js", Builds::Withdrawn) => "/sw-withdrawn.js",
        (path, Builds::Kept | Builds::Withdrawn) => path,
    };
    let named = |wanted: &str| embedded::FILES.iter().find(|file| file.path == wanted);
    named(path).or_else(|| if is_screen(path) { named("/index.html") } else { None })
}

/// Whether a path can be one of the interface's screens: no file name, and no part of the relay's own.
fn is_screen(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    !RELAY_PATHS.contains(&first) && !last.contains('.')
}

fn serve(file: &'static Embedded, request: &HeaderMap) -> Response {
    let is_immutable = file.path.starts_with("/a/");
    if !is_immutable && request.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == file.tag.as_bytes()) {
        let mut response = bare(StatusCode::NOT_MODIFIED);
        add_headers(response.headers_mut(), file, is_immutable);
        return response;
    }
    let small = file.br.filter(|_| accepts_brotli(request));
    let mut response = Response::new(Body::from(small.unwrap_or(file.bytes)));
    add_headers(response.headers_mut(), file, is_immutable);
    if small.is_some() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn add_headers(headers: &mut HeaderMap, file: &Embedded, is_immutable: bool) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    let caching = if is_immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if !is_immutable {
        headers.insert(header::ETAG, HeaderValue::from_static(file.tag));
    }
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if ["text/html", "text/javascript", "image/svg"].iter().any(|kind| file.content_type.starts_with(kind)) {
        for (name, value) in DOCUMENT_HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Whether the request names Brotli without refusing it (`q=0`).
fn accepts_brotli(request: &HeaderMap) -> bool {
    let codings = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        let is_refused = parts.any(|parameter| {
            parameter
                .strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0)
        });
        is_brotli && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, encoding: &str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, encoding.parse().unwrap());
        respond(path, &headers, Builds::Kept)
    }

    #[test]
    fn every_screen_gets_the_page_under_the_strict_policy() {
        for path in ["/", "/index.html", "/enrol", "/kasus/4f2a9c"] {
            let response = ask(path, "gzip");
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let headers = response.headers();
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], CONTENT_SECURITY_POLICY);
            assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
            assert_eq!(headers["cross-origin-embedder-policy"], "require-corp");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        }
    }

    #[test]
    fn what_is_not_a_screen_is_not_found() {
        for path in ["/a/app-0.js", "/missing.js", "/health/other", "/sync/x", "/metrics"] {
            assert_eq!(ask(path, "br").status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn an_unchanged_page_is_not_sent_again() {
        let tag = ask("/", "").headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(respond("/", &headers, Builds::Kept).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn every_embedded_script_carries_the_policy() {
        for file in embedded::FILES.iter().filter(|file| file.path.ends_with(".js")) {
            let response = ask(file.path, "br");
            assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], CONTENT_SECURITY_POLICY, "{}", file.path);
        }
    }

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        for (value, accepted) in
            [("br", true), ("gzip, br;q=0.5", true), ("gzip, BR", true), ("br;q=0", false), ("brx", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(accepts_brotli(&headers), accepted, "{value}");
        }
    }
}
