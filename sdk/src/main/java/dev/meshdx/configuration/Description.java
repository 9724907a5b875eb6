package dev.meshdx.configuration;

import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pod, a service or a host is to the mesh: some facts, and every resource that applies to it, in the order of
 * precedence, across namespaces. It is what the configuration means; what a proxy holds is asked with {@code pod.envoy()}.
 * Immutable; safe for use by several threads.
 */
public final class Description {
    private final String subject;
    private final Map<String, String> facts;
    private final List<Applied> applied;
    private final List<Inconclusive> inconclusive;

    private Description(
            String subject, Map<String, String> facts, List<Applied> applied, List<Inconclusive> inconclusive) {
        this.subject = subject;
        this.facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        this.applied = List.copyOf(applied);
        this.inconclusive = inconclusive.stream().sorted().distinct().toList();
    }

    /** Put together by the reader. */
    @Internal
    public static Description of(
            String subject, Map<String, String> facts, List<Applied> applied, List<Inconclusive> inconclusive) {
        return new Description(subject, facts, applied, inconclusive);
    }

    /** What is described, such as {@code Pod production/web-7d4b9-x2x}. */
    public String subject() {
        return subject;
    }

    /** What it is: labels, ports with their protocols, mutual TLS mode and so on, by name, in a fixed order. */
    public Map<String, String> facts() {
        return facts;
    }

    /** The resources that apply, by aspect; within an aspect those that decide come first. */
    public List<Applied> applied() {
        return applied;
    }

    /** Those that apply in one respect. */
    public List<Applied> applied(Aspect aspect) {
        return applied.stream().filter(one -> one.aspect() == aspect).toList();
    }

    /** Those of a kind. */
    public List<Applied> applied(ResourceKind kind) {
        return applied.stream()
                .filter(one -> one.resource().kind().equals(kind))
                .toList();
    }

    /** Those that have an effect. */
    public List<Applied> inForce() {
        return applied.stream().filter(Applied::inForce).toList();
    }

    /** What could not be read, and why. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** All of it: the facts, then a table of the resources. */
    public String table() {
        StringBuilder text = new StringBuilder(subject).append('\n');
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0);
        facts.forEach((name, value) -> text.append("  ")
                .append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value.replace("\n", "\n" + " ".repeat(width + 4)))
                .append('\n'));
        if (!applied.isEmpty()) {
            TextTable table = new TextTable("ASPECT", "RESOURCE", "EFFECT", "BECAUSE");
            for (Applied one : applied) {
                table.row(
                        one.aspect().toString(),
                        one.ref().toString(),
                        (one.inForce() ? "" : "(not in force) ") + one.effect(),
                        one.because());
            }
            text.append('\n').append(table.whole());
        }
        return text.toString();
    }

    /** The subject and as many resources as fit into 900 characters; {@link #table()} shows everything. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        facts.forEach((name, value) -> lines.add(name + ": " + value));
        applied.forEach(one -> lines.add(one.toString()));
        return TextTable.list(subject, lines, "lines");
    }
}
