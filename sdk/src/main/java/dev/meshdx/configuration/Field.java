package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value in a resource, with the path to it as an operator writes it: {@code spec.http[0].route[1].destination.host}.
 * Immutable; safe for use by several threads. Two are equal if path and value are.
 */
public final class Field {
    /** Fields that may hold key material written right into a resource. */
    private static final Set<String> SECRET =
            Set.of("jwks", "privateKey", "stringData", "inlineCode", "password", "token", "accessToken");

    private final @Nullable Field parent;

    /** Of a root its whole path, of an item nothing. */
    private final String step;

    private final int index;
    private final Json value;

    private Field(@Nullable Field parent, String step, int index, Json value) {
        this.parent = parent;
        this.step = step;
        this.index = index;
        this.value = value;
    }

    /**
     * A value at a path.
     *
     * @param path where it stands
     * @param value what stands there
     */
    public Field(String path, Json value) {
        this(null, path, -1, value);
    }

    /** Where it stands. Put together when it is asked for: checks look at far more fields than they report. */
    public String path() {
        StringBuilder path = new StringBuilder();
        append(path);
        return path.toString();
    }

    private void append(StringBuilder path) {
        if (parent != null) {
            parent.append(path);
        }
        if (index >= 0) {
            path.append('[').append(index).append(']');
        } else {
            path.append(parent == null ? "" : ".").append(step);
        }
    }

    /** What stands there. */
    public Json value() {
        return value;
    }

    /** The {@code spec} of a resource. */
    public static Field spec(Resource resource) {
        return new Field("spec", resource.spec());
    }

    /** A field of a resource outside of its {@code spec}: {@code Field.in(service, "metadata", "labels")}. */
    public static Field in(Resource resource, String first, String... names) {
        return new Field(first, resource.raw().at(first)).at(names);
    }

    /** A field of a field …. */
    public Field at(String... names) {
        Field at = this;
        for (String name : names) {
            at = new Field(at, name, -1, at.value.at(name));
        }
        return at;
    }

    /** The items of an array, each with its index. */
    public List<Field> items() {
        List<Json> items = value.items();
        List<Field> fields = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            fields.add(new Field(this, "", i, items.get(i)));
        }
        return fields;
    }

    /** The values of an object, each with its name. */
    public List<Field> entries() {
        List<Field> fields = new ArrayList<>();
        value.forEachField((name, entry) -> fields.add(new Field(this, name, -1, entry)));
        return fields;
    }

    /** The last name of the path. */
    public String name() {
        if (parent != null && index >= 0) {
            return parent.name() + "[" + index + "]";
        }
        return parent == null ? step.substring(step.lastIndexOf('.') + 1) : step;
    }

    /** The text; empty where there is none. */
    public String text() {
        return value.text("");
    }

    /** Whether something is there. */
    public boolean exists() {
        return value.exists();
    }

    /** What stands there, as evidence quotes it; {@code absent} where nothing does. Keys are never quoted. */
    public String quoted() {
        if (!value.exists()) {
            return value.isNull() ? "null" : "absent";
        }
        String text = redact(name(), value).toString();
        return text.length() > 300 ? text.substring(0, 297) + "..." : text;
    }

    private static Json redact(String name, Json value) {
        if (SECRET.contains(name)) {
            return Json.of("[redacted]");
        }
        if (value.isObject()) {
            Map<String, Json> fields = new LinkedHashMap<>();
            value.forEachField((field, item) -> fields.put(field, redact(field, item)));
            return Json.of(fields);
        }
        return value.isArray()
                ? Json.array(
                        value.items().stream().map(item -> redact("", item)).toList())
                : value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Field that && value.equals(that.value) && path().equals(that.path());
    }

    @Override
    public int hashCode() {
        return Objects.hash(path(), value);
    }

    /** Path and value. */
    @Override
    public String toString() {
        return path() + " = " + quoted();
    }
}
