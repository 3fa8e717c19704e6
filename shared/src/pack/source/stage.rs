//! Reads `stages.toml`: which stage closes a case, and what stages ask for.

use super::field::read_conditions;
use super::node::Node;
use crate::pack::stage::{Gate, StageRules};

pub(super) fn read_stages(mut root: Node<'_>) -> StageRules {
    let rules =
        StageRules { closing: root.text("closing"), gates: root.children("gate").into_iter().map(read_gate).collect() };
    root.finish();
    rules
}

fn read_gate(mut node: Node<'_>) -> Gate {
    let key = node.need_text("key");
    node.rename(&format!("gate {key}"));
    let gate = Gate {
        key,
        label: node.label(),
        stages: node.texts("stages"),
        when: read_conditions(&mut node, "when", None),
        met: read_conditions(&mut node, "met", None),
        hard: node.flag("hard"),
        living: node.flag("living"),
    };
    node.finish();
    gate
}
