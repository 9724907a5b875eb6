package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with one resource; what is wrong in the same way at several places is one problem. */
final class Problems {
    private final Map<String, List<Field>> byMessage;
    private final Map<String, List<Field>> warnings;

    Problems() {
        this(new LinkedHashMap<>());
    }

    private Problems(Map<String, List<Field>> errors) {
        this.byMessage = errors;
        this.warnings = new LinkedHashMap<>();
    }

    /** The same collection, in which warnings are lost: for places whose warnings Istio does not pass on. */
    Problems errorsOnly() {
        return new Problems(byMessage);
    }

    /** Something is wrong with a field. */
    void error(Field field, String message) {
        byMessage.computeIfAbsent(message, unused -> new ArrayList<>()).add(field);
    }

    /** Something is wrong with a field unless a condition holds. */
    void require(boolean condition, Field field, String message) {
        if (!condition) {
            error(field, message);
        }
    }

    /** Something about a field is accepted, but not advisable. */
    void warn(Field field, String message) {
        warnings.computeIfAbsent(message, unused -> new ArrayList<>()).add(field);
    }

    /** Something about a field is accepted, but not advisable unless a condition holds. */
    void advise(boolean condition, Field field, String message) {
        if (!condition) {
            warn(field, message);
        }
    }

    /** Takes over what another collection has. */
    void addAll(Problems other) {
        other.byMessage.forEach((message, fields) -> fields.forEach(field -> error(field, message)));
        other.warnings.forEach((message, fields) -> fields.forEach(field -> warn(field, message)));
    }

    boolean isEmpty() {
        return byMessage.isEmpty();
    }

    Map<String, List<Field>> byMessage() {
        return byMessage;
    }

    Map<String, List<Field>> warnings() {
        return warnings;
    }
}
