//! `#[derive(FromPack)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result};

/// What the attributes `#[serde(…)]` say, by which the same type is written.
#[derive(Default)]
struct Written {
    rename: Option<String>,
    default: bool,
    transparent: bool,
}

/// Writes the implementation.
pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let take = match &input.data {
        Data::Struct(data) => of_fields(&quote!(Self), &data.fields, written(&input.attrs)?.transparent)?,
        Data::Enum(data) => {
            let mut rows = Vec::new();
            for variant in &data.variants {
                let ident = &variant.ident;
                let key = written(&variant.attrs)?.rename.unwrap_or_else(|| ident.to_string());
                let path = quote!(Self::#ident);
                rows.push(match &variant.fields {
                    Fields::Unit => quote!((#key, false) => Some(#path),),
                    Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                        quote!((#key, true) => Some(#path(crate::pack::read::FromPack::take(from)?)),)
                    }
                    fields @ (Fields::Named(_) | Fields::Unnamed(_)) => {
                        let take = of_fields(&path, fields, false)?;
                        quote!((#key, true) => { #take })
                    }
                });
            }
            quote!(match crate::pack::read::variant(from)? { #(#rows)* _ => None })
        }
        Data::Union(_) => return Err(Error::new(input.span(), "a union is in no pack")),
    };
    Ok(quote! {
        impl crate::pack::read::FromPack for #name {
            fn take(from: &mut minicbor::Decoder<'_>) -> Option<Self> { #take }
        }
    })
}

/// The statements that read all fields, and what they make.
fn of_fields(path: &TokenStream, fields: &Fields, transparent: bool) -> Result<TokenStream> {
    let (mut members, mut names, mut takes) = (Vec::new(), Vec::new(), Vec::new());
    for (index, field) in fields.iter().enumerate() {
        let Some(member) = &field.ident else {
            return Err(Error::new(field.span(), "fields without names are in no pack"));
        };
        if transparent {
            return Ok(quote!(Some(#path { #member: crate::pack::read::FromPack::take(from)? })));
        }
        let written = written(&field.attrs)?;
        let key = written.rename.unwrap_or_else(|| member.to_string());
        takes.push(if written.default { quote!(fields.get_or_default(#key)?) } else { quote!(fields.get(#key)?) });
        members.push(member);
        names.push(format_ident!("part_{index}"));
    }
    // What was read already is not dropped when what follows cannot be read: a third of the code, for what never happens.
    Ok(quote! {
        let mut fields = crate::pack::read::Fields::open(from)?;
        #(let #names = std::mem::ManuallyDrop::new(#takes);)*
        fields.close()?;
        Some(#path { #(#members: std::mem::ManuallyDrop::into_inner(#names)),* })
    })
}

fn written(attributes: &[Attribute]) -> Result<Written> {
    let mut written = Written::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                written.rename = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("default") {
                written.default = true;
            } else if meta.path.is_ident("transparent") {
                written.transparent = true;
            } else if meta.path.is_ident("skip_serializing_if") {
                meta.value()?.parse::<LitStr>()?;
            } else {
                return Err(meta.error("the reader of packs knows no such attribute"));
            }
            Ok(())
        })?;
    }
    Ok(written)
}
