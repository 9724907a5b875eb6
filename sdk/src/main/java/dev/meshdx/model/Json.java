package dev.meshdx.model;

import dev.meshdx.model.internal.FieldMap;
import dev.meshdx.model.internal.ItemList;
import dev.meshdx.model.internal.JsonReader;
import dev.meshdx.model.internal.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable JSON value that is easy to walk: asking for what is not there gives {@link #MISSING}, never an exception.
 *
 * <p>This is how meshdx hands out the fields that it did not type ({@code raw()}), without showing the JSON library that it
 * reads with. Fields keep the order of the document; of a duplicate key the last value counts, as in Go's and Envoy's
 * readers. Safe for use by several threads.
 */
public final class Json {
    /** What is not there. Different from JSON {@code null}, which {@link #isNull()} tells. */
    public static final Json MISSING = new Json(null, false);

    /** JSON {@code null}. */
    public static final Json NULL = new Json(null, true);

    private final @Nullable Object value;
    private final boolean present;

    private Json(@Nullable Object value, boolean present) {
        this.value = value;
        this.present = present;
    }

    /**
     * Wraps maps (with text keys), lists, texts, numbers, booleans and null.
     *
     * @param value plain Java values; the caller hands them over and does not change them afterwards
     */
    public static Json of(@Nullable Object value) {
        return value instanceof Json json ? json : wrap(unwrap(value));
    }

    private static Json wrap(@Nullable Object value) {
        return value == null ? NULL : new Json(value, true);
    }

    /**
     * Reads one JSON document.
     *
     * @throws dev.meshdx.error.MeshProtocolException if the text is not JSON, is cut off, or is nested deeper than 500 levels
     */
    public static Json parse(String text) {
        return wrap(JsonReader.read(text));
    }

    /**
     * Reads one JSON document from a stream of UTF-8, which stays open.
     *
     * @throws dev.meshdx.error.MeshProtocolException as {@link #parse}
     * @throws IOException if the stream cannot be read
     */
    public static Json read(InputStream in) throws IOException {
        return wrap(JsonReader.read(in));
    }

    /** An object from alternating names and values; null values are left out. */
    public static Json object(@Nullable Object... namesAndValues) {
        FieldMap.Builder map = new FieldMap.Builder();
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1] != null) {
                map.put(String.valueOf(namesAndValues[i]), unwrap(namesAndValues[i + 1]));
            }
        }
        return new Json(map.build(), true);
    }

    /** An array. */
    public static Json array(List<?> items) {
        ItemList.Builder list = new ItemList.Builder();
        for (Object item : items) {
            list.add(unwrap(item));
        }
        return new Json(list.build(), true);
    }

    private static @Nullable Object unwrap(@Nullable Object value) {
        if (value instanceof Json json) {
            return json.value;
        }
        if (value instanceof FieldMap || value instanceof ItemList) {
            // Already ours, through and through.
            return value;
        }
        if (value instanceof List<?> list) {
            ItemList.Builder copy = new ItemList.Builder();
            for (Object item : list) {
                copy.add(unwrap(item));
            }
            return copy.build();
        }
        if (value instanceof Map<?, ?> map) {
            FieldMap.Builder copy = new FieldMap.Builder();
            map.forEach((key, item) -> copy.put(String.valueOf(key), unwrap(item)));
            return copy.build();
        }
        return value;
    }

    /** The value of a field of a field …; {@link #MISSING} as soon as one is not there. */
    public Json at(String... names) {
        Json at = this;
        for (String name : names) {
            at = at.field(name);
        }
        return at;
    }

    private Json field(String name) {
        if (value instanceof Map<?, ?> map) {
            Object found = map.get(name);
            if (found != null) {
                return new Json(found, true);
            }
            return map.containsKey(name) ? NULL : MISSING;
        }
        return MISSING;
    }

    /** The item at an index of an array; {@link #MISSING} where there is none. */
    public Json at(int index) {
        if (value instanceof List<?> list && index >= 0 && index < list.size()) {
            return wrap(list.get(index));
        }
        return MISSING;
    }

    /** Whether the value is there and is not null. */
    public boolean exists() {
        return value != null;
    }

    /** Whether the value is there, and null. */
    public boolean isNull() {
        return present && value == null;
    }

    /** Whether this is an object. */
    public boolean isObject() {
        return value instanceof Map;
    }

    /** Whether this is an array. */
    public boolean isArray() {
        return value instanceof List;
    }

    /** Whether this is a text. */
    public boolean isText() {
        return value instanceof String;
    }

    /** Whether this is a number. */
    public boolean isNumber() {
        return value instanceof Number;
    }

    /** Whether this is true or false. */
    public boolean isBool() {
        return value instanceof Boolean;
    }

    /** The text; of a number or a boolean its JSON form; empty for everything else. */
    public Optional<String> text() {
        return value == null || value instanceof Map || value instanceof List
                ? Optional.empty()
                : Optional.of(value.toString());
    }

    /** {@link #text()} or, where there is none, the fallback. */
    public String text(String fallback) {
        return value == null || value instanceof Map || value instanceof List ? fallback : value.toString();
    }

    /** A whole number, also when it is written as a text (as protobuf writes 64-bit numbers); else the fallback. */
    public long number(long fallback) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        if (value instanceof String text) {
            try {
                return Long.parseLong(text.trim());
            } catch (NumberFormatException e) {
                return fallback;
            }
        }
        return fallback;
    }

    /** A number with fraction; else the fallback. */
    public double decimal(double fallback) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof String text) {
            try {
                return Double.parseDouble(text.trim());
            } catch (NumberFormatException e) {
                return fallback;
            }
        }
        return fallback;
    }

    /** True or false; else the fallback. */
    public boolean bool(boolean fallback) {
        if (value instanceof Boolean bool) {
            return bool;
        }
        return (value instanceof String text && (text.equals("true") || text.equals("false")))
                ? text.equals("true")
                : fallback;
    }

    /** The items of an array; empty for everything else. */
    public List<Json> items() {
        if (value instanceof List<?> list) {
            List<Json> items = new ArrayList<>(list.size());
            for (Object item : list) {
                items.add(wrap(item));
            }
            return Collections.unmodifiableList(items);
        }
        return List.of();
    }

    /** The texts in an array of texts; other items are left out. */
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (Json item : items()) {
            item.text().ifPresent(texts::add);
        }
        return Collections.unmodifiableList(texts);
    }

    /** The names of an object's fields in the order of the document. */
    public List<String> names() {
        if (value instanceof Map<?, ?> map) {
            List<String> names = new ArrayList<>(map.size());
            for (Object key : map.keySet()) {
                names.add((String) key);
            }
            return Collections.unmodifiableList(names);
        }
        return List.of();
    }

    /** Calls back for each field of an object, in the order of the document. */
    public void forEachField(BiConsumer<String, Json> action) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> action.accept((String) key, wrap(item)));
        }
    }

    /** The fields of an object whose values are texts (labels, annotations, selectors). */
    public Map<String, String> textMap() {
        if (value instanceof Map<?, ?> map) {
            Map<String, String> texts = new LinkedHashMap<>();
            map.forEach((key, item) -> wrap(item).text().ifPresent(text -> texts.put((String) key, text)));
            return Collections.unmodifiableMap(texts);
        }
        return Map.of();
    }

    /** How many items or fields; 0 for everything else. */
    public int size() {
        if (value instanceof List<?> list) {
            return list.size();
        }
        return value instanceof Map<?, ?> map ? map.size() : 0;
    }

    /** The JSON text over several lines, two spaces an indent. */
    public String pretty() {
        return JsonWriter.write(value, true);
    }

    /**
     * Writes {@link #pretty()} without making a text of it first.
     *
     * @throws IOException if that fails
     */
    public void writeTo(Appendable out) throws IOException {
        JsonWriter.write(value, true, out);
    }

    /** The JSON text on one line; {@code null} where nothing is there. */
    @Override
    public String toString() {
        return JsonWriter.write(value, false);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Json json && present == json.present && Objects.equals(value, json.value);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(value);
    }
}
