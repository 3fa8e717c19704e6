//! `#[derive(Wire)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitInt, Member, Result, Type};

/// A field: how it is reached, what it is called while it is read, and its type.
struct Part {
    member: Member,
    name: Ident,
    kind: Type,
}

/// Writes the implementation.
pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let (put, take) = match &input.data {
        Data::Struct(data) => {
            let (pattern, put, take) = of_fields(&quote!(Self), &data.fields)?;
            (quote!(let #pattern = self; #put), take)
        }
        Data::Enum(data) => {
            let (mut puts, mut takes, mut seen) = (Vec::new(), Vec::new(), Vec::new());
            for variant in &data.variants {
                let number = number(&variant.attrs, variant)?;
                if seen.contains(&number) {
                    return Err(Error::new(variant.span(), "another variant has this number"));
                }
                seen.push(number);
                let ident = &variant.ident;
                let (pattern, put, take) = of_fields(&quote!(Self::#ident), &variant.fields)?;
                puts.push(quote!(#pattern => { out.push(#number); #put }));
                takes.push(quote!(#number => { #take }));
            }
            (quote!(match self { #(#puts)* }), quote!(match from.byte()? { #(#takes)* _ => None }))
        }
        Data::Union(_) => return Err(Error::new(input.span(), "a union cannot be sent")),
    };
    Ok(quote! {
        impl crate::api::wire::Wire for #name {
            fn put(&self, out: &mut Vec<u8>) { #put }
            fn take(from: &mut crate::api::wire::Reader<'_>) -> Option<Self> { #take }
        }
    })
}

/// The pattern that names all fields, the statements that write them, and the expression that reads them.
///
/// What was read already is not dropped when what follows cannot be read: code that never runs, and half of all.
fn of_fields(path: &TokenStream, fields: &Fields) -> Result<(TokenStream, TokenStream, TokenStream)> {
    let mut parts = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let member = field.ident.clone().map_or_else(|| Member::from(index), Member::from);
        let part = Part { member, name: format_ident!("part_{index}"), kind: field.ty.clone() };
        parts.push((number(&field.attrs, field)?, part));
    }
    parts.sort_by_key(|(number, _)| *number);
    if parts.is_sorted_by(|(left, _), (right, _)| left < right) {
        let parts = parts.into_iter().map(|(_, part)| part);
        let (members, (names, kinds)): (Vec<_>, (Vec<_>, Vec<_>)) =
            parts.map(|part| (part.member, (part.name, part.kind))).unzip();
        return Ok((
            quote!(#path { #(#members: #names),* }),
            quote!(#(crate::api::wire::Wire::put(#names, out);)*),
            quote! {
                #(let #names = std::mem::ManuallyDrop::new(<#kinds as crate::api::wire::Wire>::take(from)?);)*
                Some(#path { #(#members: std::mem::ManuallyDrop::into_inner(#names)),* })
            },
        ));
    }
    Err(Error::new(fields.span(), "another field has this number"))
}

/// The number in `#[n(…)]` or `#[cbor(n(…), …)]`.
fn number(attributes: &[Attribute], of: &impl syn::spanned::Spanned) -> Result<u8> {
    let attribute = attributes.iter().find(|attribute| attribute.path().is_ident("n"));
    attribute.ok_or_else(|| Error::new(of.span(), "#[n(…)] is missing"))?.parse_args::<LitInt>()?.base10_parse()
}
