//! Finds what can be changed in a file.
//!
//! A mutant is a number of wraps: text to be put before and behind a range of the source, such that the range does what it
//! did unless the mutant is active. So any number of mutants fit into one build, one within the other.

use std::ops::Range;

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, BinOp, Block, Expr, ExprArray, ExprLit, GenericArgument, Item, ItemConst, ItemStatic, Lit, Pat, RangeLimits,
    ReturnType, Signature, Stmt, Token, Type, UnOp, Visibility,
};

use crate::modules::{Machine, Module, is_there};

/// Stands for the condition "this mutant is active" until the mutant has a number.
pub const ACTIVE: &str = "\u{1}";
/// Stands for the name of the constant's changed copy.
pub const COPY: &str = "\u{2}";

#[derive(Clone, Debug)]
pub struct Wrap {
    pub range: Range<usize>,
    pub before: String,
    pub behind: String,
}

/// Where the changed code is run.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// In a function, and in a `const fn` perhaps by the compiler too.
    Function { is_const: bool },
    /// In the value of the constant or static item of this index in `Found::constants`.
    Constant(usize),
    /// In a constant that has no changed copy: of a trait or an implementation.
    Compiler,
}

#[derive(Clone, Debug)]
pub struct Mutant {
    pub file: String,
    pub at: usize,
    pub line: usize,
    pub column: usize,
    /// The line's text, without the spaces around it.
    pub text: String,
    pub what: String,
    /// Of the same kind are those that replace the same thing.
    pub kind: &'static str,
    pub place: Place,
    pub wraps: Vec<Wrap>,
}

/// A constant or static item of which changed copies are made.
#[derive(Clone, Debug)]
pub struct Constant {
    pub name: String,
    pub file: String,
    pub path: String,
    /// The item without its attributes and its visibility.
    pub item: Range<usize>,
    /// Where its visibility begins, and what it is.
    pub begin: usize,
    pub visibility: String,
    /// The block that it is in, unless it is an item of a module.
    pub block: Option<Range<usize>>,
}

/// A use of a constant in code that is run.
#[derive(Clone, Debug)]
pub struct Use {
    pub name: String,
    pub file: String,
    pub range: Range<usize>,
    /// Whether it has a path before its name.
    pub is_path: bool,
}

#[derive(Default)]
pub struct Found {
    pub mutants: Vec<Mutant>,
    pub constants: Vec<Constant>,
    pub uses: Vec<Use>,
    /// Where `pub(crate) ` goes, so that copies of constants are seen from everywhere: file and place.
    pub modules: Vec<(String, usize)>,
    /// The names that `use` brings into a file, as written: file and name.
    pub imported: Vec<(String, String)>,
}

pub fn find(module: &Module, machine: Machine, found: &mut Found) {
    let mut finder = Finder {
        module,
        machine,
        found,
        place: Place::Compiler,
        regions: Vec::new(),
        blocks: Vec::new(),
        path: module.path.clone(),
        prose: module.path.starts_with("crate::explain"),
        edit: None,
    };
    for item in &module.items {
        finder.visit_item(item);
    }
}

struct Finder<'a> {
    module: &'a Module,
    machine: Machine,
    found: &'a mut Found,
    place: Place,
    /// The expressions around, to be doubled for a change in a pattern: with whether they stand as statements do.
    regions: Vec<(Range<usize>, bool)>,
    blocks: Vec<Range<usize>>,
    path: String,
    /// Whether texts with spaces are for people.
    prose: bool,
    /// Within a constant's value: the changed text is that of the item.
    edit: Option<usize>,
}

fn range(spanned: &impl Spanned) -> Range<usize> {
    spanned.span().byte_range()
}

impl Finder<'_> {
    fn text(&self, range: Range<usize>) -> &str {
        &self.module.text[range]
    }

    fn short(&self, range: Range<usize>) -> String {
        let text: Vec<&str> = self.text(range).split_whitespace().collect();
        let text = text.join(" ");
        if text.chars().count() > 60 { text.chars().take(57).chain("...".chars()).collect() } else { text }
    }

    fn push(&mut self, kind: &'static str, span: Span, what: String, wraps: Vec<Wrap>) {
        let at = span.byte_range().start;
        let start = span.start();
        let text = self.module.text.lines().nth(start.line - 1).unwrap_or_default().trim().to_owned();
        self.found.mutants.push(Mutant {
            file: self.module.file.clone(),
            at,
            line: start.line,
            column: start.column + 1,
            text,
            what,
            kind,
            place: self.place.clone(),
            wraps,
        });
    }

    /// `region` with `edit` replaced by `by`, instead of the region.
    #[allow(clippy::too_many_arguments, reason = "what, where and by what")]
    fn double(
        &mut self,
        kind: &'static str,
        span: Span,
        what: String,
        region: Range<usize>,
        bare: bool,
        edit: Range<usize>,
        by: &str,
    ) {
        let wraps = if let Some(constant) = self.edit {
            let item = self.found.constants[constant].item.clone();
            vec![self.copy(item, edit, by)]
        } else {
            let changed = format!("{}{by}{}", self.text(region.start..edit.start), self.text(edit.end..region.end));
            let (open, close) = if bare { ("", "") } else { ("(", ")") };
            vec![Wrap {
                range: region,
                before: format!("{open}if {ACTIVE} {{ {changed}\n}} else {{ "),
                behind: format!(" }}{close}"),
            }]
        };
        self.push(kind, span, what, wraps);
    }

    /// A changed copy of a constant, behind it.
    fn copy(&self, item: Range<usize>, edit: Range<usize>, by: &str) -> Wrap {
        let changed = format!("{}{by}{}", self.text(item.start..edit.start), self.text(edit.end..item.end));
        Wrap { range: item.end..item.end, before: changed, behind: String::new() }
    }

    fn around(
        &mut self,
        kind: &'static str,
        span: Span,
        what: String,
        range: Range<usize>,
        before: &str,
        behind: &str,
    ) {
        if self.edit.is_some() {
            // In a constant there is nothing to ask.
            return;
        }
        let wrap = Wrap { range, before: before.to_owned(), behind: behind.to_owned() };
        self.push(kind, span, what, vec![wrap]);
    }

    fn replace(&mut self, kind: &'static str, expression: &Expr, edit: Range<usize>, by: &str, span: Span) {
        let what = format!("`{}` to `{by}`", self.short(edit.clone()));
        self.double(kind, span, what, range(expression), false, edit, by);
    }

    fn literal(&mut self, literal: &Lit, region: Option<(Range<usize>, bool)>) {
        let at = range(literal);
        let region = region.unwrap_or((at.clone(), false));
        let mut others = Vec::new();
        match literal {
            Lit::Int(number) => {
                if let Ok(value) = number.base10_parse::<u128>() {
                    others.push(("number", format!("{}{}", value.wrapping_add(1), number.suffix())));
                    if value > 0 {
                        others.push(("number", format!("{}{}", value - 1, number.suffix())));
                    }
                }
            }
            Lit::Byte(byte) => {
                others.push(("number", format!("{}u8", byte.value().wrapping_add(1))));
                others.push(("number", format!("{}u8", byte.value().wrapping_sub(1))));
            }
            Lit::Char(char) => {
                if let Some(next) = char::from_u32(u32::from(char.value()) + 1) {
                    others.push(("number", format!("{next:?}")));
                }
            }
            Lit::Bool(value) => others.push(("bool", (!value.value).to_string())),
            Lit::Str(string) => {
                let value = string.value();
                let for_people = value.contains(' ') || !value.is_ascii();
                if let Some(changed) = other_text(value.as_bytes())
                    && !(self.prose && for_people)
                {
                    others.push(("text", format!("{:?}", String::from_utf8_lossy(&changed))));
                }
            }
            Lit::ByteStr(string) => {
                if let Some(changed) = other_text(&string.value()) {
                    others.push(("text", format!("b\"{}\"", changed.escape_ascii())));
                }
            }
            _ => {}
        }
        for (kind, by) in others {
            let what = format!("`{}` to `{by}`", self.short(at.clone()));
            self.double(kind, literal.span(), what, region.0.clone(), region.1, at.clone(), &by);
        }
    }

    /// What can be changed in a pattern, by doubling `region`.
    fn pattern(&mut self, pattern: &Pat, region: &(Range<usize>, bool)) {
        match pattern {
            Pat::Lit(ExprLit { lit, .. }) => self.literal(lit, Some(region.clone())),
            Pat::Range(limits) => {
                for end in [&limits.start, &limits.end].into_iter().flatten() {
                    if let Expr::Lit(ExprLit { lit, .. }) = &**end {
                        self.literal(lit, Some(region.clone()));
                    }
                }
            }
            Pat::Or(or) => {
                let cases: Vec<Range<usize>> = or.cases.iter().map(range).collect();
                for (index, case) in or.cases.iter().enumerate() {
                    self.pattern(case, region);
                    // With one of the bars.
                    let edit = if index == 0 {
                        cases[0].start..cases[1].start
                    } else {
                        cases[index - 1].end..cases[index].end
                    };
                    let what = format!("alternative `{}` deleted", self.short(cases[index].clone()));
                    self.double("alternative", case.span(), what, region.0.clone(), region.1, edit, "");
                }
            }
            Pat::Guard(guarded) => self.pattern(&guarded.pat, region),
            Pat::Ident(ident) => {
                if let Some((_, inner)) = &ident.subpat {
                    self.pattern(inner, region);
                }
            }
            Pat::Paren(paren) => self.pattern(&paren.pat, region),
            Pat::Reference(reference) => self.pattern(&reference.pat, region),
            Pat::Slice(slice) => slice.elems.iter().for_each(|element| self.pattern(element, region)),
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.pattern(element, region)),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|element| self.pattern(element, region)),
            Pat::Struct(fields) => fields.fields.iter().for_each(|field| self.pattern(&field.pat, region)),
            _ => {}
        }
    }

    fn arm(&mut self, arm: &Arm, has_wildcard: bool) {
        let (pattern, guard) = match &arm.pat {
            Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pattern => (pattern, None),
        };
        let what = || format!("arm `{}` deleted", self.short(range(&arm.pat)));
        if is_wildcard(pattern) && guard.is_none() {
            return;
        }
        if let Some(guard) = guard {
            if has_let(guard) {
                return;
            }
            self.around("arm", arm.span(), what(), range(guard), &format!("!{ACTIVE} && ("), ")");
            let what = format!("guard `{}` to true", self.short(range(guard)));
            self.around("condition", guard.span(), what, range(guard), &format!("{ACTIVE} || ("), ")");
        } else if has_wildcard {
            let end = range(pattern).end;
            self.around("arm", arm.span(), what(), end..end, &format!(" if !{ACTIVE}"), "");
        }
    }

    fn condition(&mut self, condition: &Expr) {
        if has_let(condition) {
            return;
        }
        let at = range(condition);
        let short = self.short(at.clone());
        self.around(
            "condition",
            condition.span(),
            format!("condition `{short}` to false"),
            at.clone(),
            &format!("!{ACTIVE} && ("),
            ")",
        );
        self.around(
            "condition",
            condition.span(),
            format!("condition `{short}` to true"),
            at,
            &format!("{ACTIVE} || ("),
            ")",
        );
    }

    fn statement(&mut self, statement: &Stmt) {
        let Stmt::Expr(expression, Some(_)) = statement else { return };
        let mut inner = expression;
        loop {
            match inner {
                Expr::Try(tried) => inner = &tried.expr,
                Expr::Await(awaited) => inner = &awaited.base,
                Expr::Paren(paren) => inner = &paren.expr,
                _ => break,
            }
        }
        let is_deleted = match inner {
            Expr::MethodCall(_) | Expr::Call(_) | Expr::Assign(_) => true,
            Expr::Binary(binary) => is_assignment(&binary.op),
            _ => false,
        };
        if is_deleted {
            let at = range(statement);
            let what = format!("statement `{}` deleted", self.short(at.clone()));
            self.around("statement", statement.span(), what, at, &format!("if !{ACTIVE} {{ "), " }");
        }
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let outer = (self.place.clone(), self.edit.take(), std::mem::take(&mut self.regions));
        self.place = Place::Function { is_const: signature.constness.is_some() };
        if !block.stmts.is_empty() {
            let start = range(block).start + 1;
            let body = self.text(start..range(block).end - 1).trim().to_owned();
            for value in values(&signature.output) {
                if body == value {
                    continue;
                }
                let what = if value.is_empty() {
                    format!("`{}` returns at once", signature.ident)
                } else {
                    format!("`{}` returns `{value}` at once", signature.ident)
                };
                let before = format!(" if {ACTIVE} {{ return {value}; }} ");
                self.around("return", signature.ident.span(), what, start..start, &before, "");
            }
        }
        self.visit_block(block);
        (self.place, self.edit, self.regions) = outer;
    }

    /// The value of a constant, of which there is to be a changed copy.
    fn constant(&mut self, name: String, visibility: &Visibility, item: Range<usize>, typ: &Type, value: &Expr) {
        let outer = (self.place.clone(), self.edit, std::mem::take(&mut self.regions));
        let index = self.found.constants.len();
        let before = self.found.mutants.len();
        let start = match visibility {
            Visibility::Inherited => item.start,
            visibility => range(visibility).end,
        };
        self.found.constants.push(Constant {
            name: name.clone(),
            file: self.module.file.clone(),
            path: self.path.clone(),
            item: start..item.end,
            begin: item.start,
            visibility: self.text(item.start..start).to_owned(),
            block: self.blocks.last().cloned(),
        });
        self.place = Place::Constant(index);
        self.edit = Some(index);
        if let Expr::Reference(reference) = value
            && let Expr::Array(array) = &*reference.expr
            && matches!(typ, Type::Reference(typ) if matches!(*typ.elem, Type::Slice(_)))
        {
            self.elements(array);
        }
        self.visit_expr(value);
        // The copy's name goes where the name stands.
        for mutant in &mut self.found.mutants[before..] {
            for wrap in &mut mutant.wraps {
                wrap.before = wrap.before.trim().replacen(&name, COPY, 1);
            }
        }
        (self.place, self.edit, self.regions) = outer;
    }

    fn elements(&mut self, array: &ExprArray) {
        let ends: Vec<Range<usize>> = array.elems.iter().map(range).collect();
        for (index, element) in array.elems.iter().enumerate() {
            let edit = match ends.get(index + 1) {
                Some(next) => ends[index].start..next.start,
                None if index > 0 => ends[index - 1].end..ends[index].end,
                None => ends[index].clone(),
            };
            let what = format!("element `{}` deleted", self.short(ends[index].clone()));
            let region = range(array);
            self.double("element", element.span(), what, region, false, edit, "");
        }
    }

    fn within<R>(&mut self, region: Option<(Range<usize>, bool)>, run: impl FnOnce(&mut Self) -> R) -> R {
        let depth = self.regions.len();
        self.regions.extend(region);
        let result = run(self);
        self.regions.truncate(depth);
        result
    }

    fn operator(&mut self, expression: &Expr, operator: &BinOp) {
        let (kind, by) = match operator {
            BinOp::Lt(_) => ("comparison", "<="),
            BinOp::Le(_) => ("comparison", "<"),
            BinOp::Gt(_) => ("comparison", ">="),
            BinOp::Ge(_) => ("comparison", ">"),
            BinOp::Eq(_) => ("comparison", "!="),
            BinOp::Ne(_) => ("comparison", "=="),
            BinOp::And(_) => ("bool", "||"),
            BinOp::Or(_) => ("bool", "&&"),
            BinOp::Add(_) => ("arithmetic", "-"),
            BinOp::Sub(_) => ("arithmetic", "+"),
            BinOp::Mul(_) => ("arithmetic", "+"),
            BinOp::Div(_) => ("arithmetic", "*"),
            BinOp::Rem(_) => ("arithmetic", "/"),
            BinOp::BitAnd(_) => ("arithmetic", "|"),
            BinOp::BitOr(_) => ("arithmetic", "&"),
            BinOp::BitXor(_) => ("arithmetic", "|"),
            BinOp::Shl(_) => ("arithmetic", ">>"),
            BinOp::Shr(_) => ("arithmetic", "<<"),
            BinOp::AddAssign(_) => ("arithmetic", "-="),
            BinOp::SubAssign(_) => ("arithmetic", "+="),
            BinOp::BitAndAssign(_) => ("arithmetic", "|="),
            BinOp::BitOrAssign(_) => ("arithmetic", "&="),
            BinOp::BitXorAssign(_) => ("arithmetic", "|="),
            BinOp::ShlAssign(_) => ("arithmetic", ">>="),
            BinOp::ShrAssign(_) => ("arithmetic", "<<="),
            _ => return,
        };
        if has_let(expression) {
            return;
        }
        self.replace(kind, expression, range(operator), by, operator.span());
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Binary(binary) => self.operator(expression, &binary.op),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                let at = range(&unary.op);
                let what = format!("`!` of `{}` deleted", self.short(range(expression)));
                self.double("bool", unary.op.span(), what, range(expression), false, at, "");
            }
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let by = match name.as_str() {
                    "saturating_add" => "saturating_sub",
                    "saturating_sub" => "saturating_add",
                    "wrapping_add" => "wrapping_sub",
                    "wrapping_sub" => "wrapping_add",
                    "checked_add" => "checked_sub",
                    "checked_sub" => "checked_add",
                    "min" => "max",
                    "max" => "min",
                    "is_some" => "is_none",
                    "is_none" => "is_some",
                    "is_ok" => "is_err",
                    "is_err" => "is_ok",
                    "any" => "all",
                    "all" => "any",
                    "starts_with" => "ends_with",
                    "ends_with" => "starts_with",
                    "leading_zeros" => "trailing_zeros",
                    "trailing_zeros" => "leading_zeros",
                    "trailing_ones" => "trailing_zeros",
                    "first" => "last",
                    "last" => "first",
                    "split_first" => "split_last",
                    "split_last" => "split_first",
                    "position" => "rposition",
                    "rposition" => "position",
                    "is_some_and" => "is_none_or",
                    "is_none_or" => "is_some_and",
                    "to_be_bytes" => "to_le_bytes",
                    "to_le_bytes" => "to_be_bytes",
                    "rotate_left" => "rotate_right",
                    _ => "",
                };
                if !by.is_empty() {
                    self.replace("method", expression, range(&call.method), by, call.method.span());
                }
                if matches!(name.as_str(), "is_empty" | "eq_ignore_ascii_case" | "contains") {
                    let what = format!("`{}` negated", self.short(range(expression)));
                    let behind = format!(" != {ACTIVE})");
                    self.around("bool", call.method.span(), what, range(expression), "(", &behind);
                }
            }
            Expr::Call(call) => {
                // Immediate operands of instructions.
                if let Expr::Path(path) = &*call.func
                    && let Some(last) = path.path.segments.last()
                    && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
                {
                    for argument in &arguments.args {
                        if let GenericArgument::Const(Expr::Lit(literal)) = argument {
                            self.literal(&literal.lit, Some((range(expression), false)));
                        }
                    }
                }
            }
            Expr::Lit(literal) => self.literal(&literal.lit, None),
            Expr::Range(limits) if matches!(limits.limits, RangeLimits::HalfOpen(_)) => {
                if let Some(end) = &limits.end
                    && !matches!(**end, Expr::Lit(_))
                {
                    let what = format!("`{}` ends one later", self.short(range(expression)));
                    self.around(
                        "arithmetic",
                        end.span(),
                        what,
                        range(end),
                        "((",
                        &format!(") + usize::from({ACTIVE}))"),
                    );
                }
            }
            Expr::Path(path) if self.edit.is_none() && matches!(self.place, Place::Function { .. }) => {
                if path.qself.is_none()
                    && let Some(last) = path.path.segments.last()
                    && last.arguments.is_none()
                    && last.ident.to_string().chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                    && !path.path.segments.iter().any(|segment| segment.ident == "Self")
                {
                    self.found.uses.push(Use {
                        name: last.ident.to_string(),
                        file: self.module.file.clone(),
                        range: range(expression),
                        is_path: path.path.segments.len() > 1,
                    });
                }
            }
            Expr::Macro(call) if call.mac.path.is_ident("matches") => {
                if let Ok(matches) = call.mac.parse_body::<Matches>() {
                    self.matches(&matches, range(expression));
                }
            }
            _ => {}
        }
    }

    fn matches(&mut self, matches: &Matches, region: Range<usize>) {
        self.visit_expr(&matches.value);
        let region = (region, false);
        self.pattern(&matches.pattern, &region);
        if let Some(guard) = &matches.guard {
            self.visit_expr(guard);
        }
    }
}

/// What is within `matches!`.
struct Matches {
    value: Expr,
    pattern: Pat,
    guard: Option<Expr>,
}

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        input.parse::<Option<Token![,]>>()?;
        if !input.is_empty() {
            input.parse::<TokenStream>()?;
        }
        Ok(Self { value, pattern, guard })
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        Expr::Paren(paren) => has_let(&paren.expr),
        _ => false,
    }
}

/// Whether the pattern matches everything: a name is one of a variable, or of a variant or constant, by its first letter.
fn is_wildcard(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(name) => {
            name.subpat.is_none() && name.ident.to_string().starts_with(|c: char| c.is_ascii_lowercase())
        }
        _ => false,
    }
}

fn is_assignment(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// The text with its last letter or digit changed.
fn other_text(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().rposition(u8::is_ascii_alphanumeric).or_else(|| text.iter().rposition(u8::is_ascii))?;
    let mut changed = text.to_vec();
    changed[at] = match changed[at] {
        b'z' => b'y',
        b'Z' => b'Y',
        b'9' => b'8',
        byte if byte.is_ascii_alphanumeric() => byte + 1,
        _ => b'_',
    };
    Some(changed)
}

fn values(output: &ReturnType) -> Vec<&'static str> {
    let ReturnType::Type(_, typ) = output else { return vec![""] };
    match &**typ {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            match last.ident.to_string().as_str() {
                "bool" => vec!["true", "false"],
                "Option" => vec!["None"],
                "Result" if is_of_unit(&last.arguments) => vec!["Ok(())"],
                "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                    vec!["0", "1"]
                }
                _ => Vec::new(),
            }
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(_) if reference.mutability.is_none() => vec!["&[]"],
            Type::Path(path) if path.path.is_ident("str") && reference.mutability.is_none() => vec!["\"\""],
            _ => Vec::new(),
        },
        Type::Tuple(tuple) if tuple.elems.is_empty() => vec![""],
        _ => Vec::new(),
    }
}

fn is_of_unit(arguments: &syn::PathArguments) -> bool {
    let syn::PathArguments::AngleBracketed(arguments) = arguments else { return false };
    matches!(arguments.args.first(), Some(GenericArgument::Type(Type::Tuple(tuple))) if tuple.elems.is_empty())
}

fn is_block_like(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::If(_)
            | Expr::Match(_)
            | Expr::While(_)
            | Expr::Loop(_)
            | Expr::ForLoop(_)
            | Expr::Block(_)
            | Expr::Unsafe(_)
    )
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn imported(tree: &syn::UseTree, names: &mut Vec<String>) {
    match tree {
        syn::UseTree::Path(path) => imported(&path.tree, names),
        syn::UseTree::Name(name) => names.push(name.ident.to_string()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
        _ => {}
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_there(attributes(item), self.machine) {
            return;
        }
        match item {
            Item::Mod(module) => {
                if matches!(module.vis, Visibility::Inherited) {
                    self.found.modules.push((self.module.file.clone(), range(&module.mod_token).start));
                }
                if let Some((_, items)) = &module.content {
                    let outer = self.path.clone();
                    self.path = format!("{outer}::{}", module.ident);
                    items.iter().for_each(|item| self.visit_item(item));
                    self.path = outer;
                }
            }
            Item::Use(import) => {
                let mut names = Vec::new();
                imported(&import.tree, &mut names);
                self.found.imported.extend(names.into_iter().map(|name| (self.module.file.clone(), name)));
            }
            Item::Macro(_) | Item::Type(_) | Item::Enum(_) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        if item.ident == "_" {
            return;
        }
        // Without its attributes, of which documentation is one.
        let start = match &item.vis {
            Visibility::Inherited => range(&item.const_token).start,
            visibility => range(visibility).start,
        };
        let whole = start..range(item).end;
        self.constant(item.ident.to_string(), &item.vis, whole, &item.ty, &item.expr);
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        let start = match &item.vis {
            Visibility::Inherited => range(&item.static_token).start,
            visibility => range(visibility).start,
        };
        let whole = start..range(item).end;
        self.constant(item.ident.to_string(), &item.vis, whole, &item.ty, &item.expr);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let outer = std::mem::take(&mut self.blocks);
        self.function(&item.sig, &item.block);
        self.blocks = outer;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if is_there(&item.attrs, self.machine) {
            let outer = std::mem::take(&mut self.blocks);
            self.function(&item.sig, &item.block);
            self.blocks = outer;
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default
            && is_there(&item.attrs, self.machine)
        {
            let outer = std::mem::take(&mut self.blocks);
            self.function(&item.sig, block);
            self.blocks = outer;
        }
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        let outer = (self.place.clone(), self.edit.take());
        self.place = Place::Compiler;
        self.visit_expr(&item.expr);
        (self.place, self.edit) = outer;
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.blocks.push(range(block));
        for statement in &block.stmts {
            self.statement(statement);
            if let Stmt::Expr(expression, semi) = statement
                && is_block_like(expression)
            {
                let bare = semi.is_none();
                self.block_like(expression, bare);
            } else {
                self.visit_stmt(statement);
            }
        }
        self.blocks.pop();
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if let Pat::Guard(guarded) = &arm.pat {
            self.visit_expr(&guarded.guard);
        }
        if is_block_like(&arm.body) {
            self.block_like(&arm.body, true);
        } else {
            self.visit_expr(&arm.body);
        }
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        if is_block_like(expression) {
            self.block_like(expression, false);
            return;
        }
        self.expression(expression);
        match expression {
            // What the compiler needs as a constant.
            Expr::Const(_) => {}
            Expr::Repeat(repeat) => self.visit_expr(&repeat.expr),
            Expr::Macro(call) => self.arguments(&call.mac),
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_stmt_macro(&mut self, statement: &'ast syn::StmtMacro) {
        self.arguments(&statement.mac);
    }

    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_path_arguments(&mut self, _: &'ast syn::PathArguments) {}
    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast syn::AngleBracketedGenericArguments) {}
}

impl Finder<'_> {
    /// The arguments of a macro of the library, if they are expressions.
    fn arguments(&mut self, call: &syn::Macro) {
        const OTHERS: [&str; 9] =
            ["matches", "write", "writeln", "format_args", "panic", "unreachable", "concat", "env", "cfg"];
        if OTHERS.iter().any(|other| call.path.is_ident(other)) {
            return;
        }
        let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        for argument in arguments.iter().flatten() {
            self.visit_expr(argument);
        }
    }

    /// `bare`: it stands where an `if` needs no parentheses around it.
    fn block_like(&mut self, expression: &Expr, bare: bool) {
        let region = (range(expression), bare);
        match expression {
            Expr::Match(matching) => {
                self.visit_expr(&matching.expr);
                let has_wildcard = matching.arms.iter().any(|arm| is_wildcard(&arm.pat));
                for arm in &matching.arms {
                    self.pattern(&arm.pat, &region);
                    self.arm(arm, has_wildcard);
                }
                self.within(Some(region), |finder| {
                    for arm in &matching.arms {
                        finder.visit_arm(arm);
                    }
                });
            }
            Expr::If(branch) => {
                self.condition(&branch.cond);
                self.let_patterns(&branch.cond, &region);
                self.visit_expr(&branch.cond);
                self.visit_block(&branch.then_branch);
                if let Some((_, other)) = &branch.else_branch {
                    // `else if` has no place for anything but an `if`: what is in it changes within.
                    match &**other {
                        Expr::If(inner) => {
                            self.condition(&inner.cond);
                            self.block_like_else(other, &region);
                        }
                        other => self.block_like(other, true),
                    }
                }
            }
            Expr::While(looped) => {
                self.condition(&looped.cond);
                self.let_patterns(&looped.cond, &region);
                self.visit_expr(&looped.cond);
                self.visit_block(&looped.body);
            }
            Expr::Loop(looped) => self.visit_block(&looped.body),
            Expr::ForLoop(looped) => {
                self.visit_expr(&looped.expr);
                self.visit_block(&looped.body);
            }
            Expr::Block(block) => self.visit_block(&block.block),
            Expr::Unsafe(block) => self.visit_block(&block.block),
            _ => {}
        }
    }

    /// An `if` behind `else`: a change of its pattern doubles the first `if`.
    fn block_like_else(&mut self, expression: &Expr, region: &(Range<usize>, bool)) {
        let Expr::If(branch) = expression else { return };
        self.let_patterns(&branch.cond, region);
        self.visit_expr(&branch.cond);
        self.visit_block(&branch.then_branch);
        if let Some((_, other)) = &branch.else_branch {
            match &**other {
                Expr::If(inner) => {
                    self.condition(&inner.cond);
                    self.block_like_else(other, region);
                }
                other => self.block_like(other, true),
            }
        }
    }

    fn let_patterns(&mut self, condition: &Expr, region: &(Range<usize>, bool)) {
        match condition {
            Expr::Let(binding) => self.pattern(&binding.pat, region),
            Expr::Binary(binary) => {
                self.let_patterns(&binary.left, region);
                self.let_patterns(&binary.right, region);
            }
            _ => {}
        }
    }
}
