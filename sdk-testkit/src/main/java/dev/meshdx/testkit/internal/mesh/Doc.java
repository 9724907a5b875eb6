package dev.meshdx.testkit.internal.mesh;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Documents under construction: plain maps and lists, which {@link Json#of} wraps without a copy. */
public final class Doc {
    private Doc() {}

    /** An object from alternating names and values; null values are left out. */
    public static Map<String, Object> map(@Nullable Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                map.put(String.valueOf(namesAndValues[i]), value instanceof Json json ? plain(json) : value);
            }
        }
        return map;
    }

    /** An array; null items are left out. */
    public static List<Object> list(@Nullable Object... items) {
        List<Object> list = new ArrayList<>(items.length);
        for (Object item : items) {
            if (item != null) {
                list.add(item instanceof Json json ? plain(json) : item);
            }
        }
        return list;
    }

    /** Plain Java values; what is null or not there becomes an empty text. */
    public static Object plain(Json json) {
        if (json.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            json.forEachField((name, value) -> map.put(name, plain(value)));
            return map;
        }
        if (json.isArray()) {
            return plainItems(json);
        }
        if (json.isBool()) {
            return json.bool(false);
        }
        if (json.isNumber()) {
            boolean whole = json.text("").chars().allMatch(letter -> letter == '-' || Character.isDigit(letter));
            if (whole) {
                return json.number(0);
            }
            return json.decimal(0);
        }
        return json.text("");
    }

    /** The items of an array as plain Java values. */
    public static List<Object> plainItems(Json array) {
        List<Object> list = new ArrayList<>(array.size());
        array.items().forEach(item -> list.add(plain(item)));
        return list;
    }

    /** A value, or null where it is an empty list or map: for fields that are left out when empty. */
    public static @Nullable Object unlessEmpty(Object value) {
        boolean empty = (value instanceof List<?> list && list.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty())
                || (value instanceof String text && text.isEmpty());
        return empty ? null : value;
    }

    /** The JSON text on one line. */
    public static String json(Object value) {
        return Json.of(value).toString();
    }
}
