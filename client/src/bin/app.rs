//! The interface module.

fn main() {
    client::app::start();
}
