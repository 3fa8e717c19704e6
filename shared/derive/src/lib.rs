//! Readers and writers of our own for types of which the tablet's modules hold very many: what general derives write for
//! them was a sixth of the interface.

mod pack;
mod wire;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Writes `client::api::wire::Wire` for a type that interface and engine say to each other: its fields one after the other,
/// by their number `#[n(…)]`; of an enum the number of the variant before them.
#[proc_macro_derive(Wire, attributes(n, cbor))]
pub fn wire(input: TokenStream) -> TokenStream {
    wire::derive(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Writes `shared::pack::read::FromPack` for a type of a pack, which reads what `serde` writes of it.
#[proc_macro_derive(FromPack, attributes(serde))]
pub fn from_pack(input: TokenStream) -> TokenStream {
    pack::derive(&parse_macro_input!(input as DeriveInput)).unwrap_or_else(syn::Error::into_compile_error).into()
}
