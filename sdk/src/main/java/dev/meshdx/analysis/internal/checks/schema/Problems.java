package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.analysis.internal.configuration.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what is wrong with one resource; what is wrong in the same way at several places is one problem. */
final class Problems {
    private final Map<String, List<Field>> byMessage = new LinkedHashMap<>();

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

    boolean isEmpty() {
        return byMessage.isEmpty();
    }

    Map<String, List<Field>> byMessage() {
        return byMessage;
    }
}
