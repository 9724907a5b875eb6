package dev.meshdx.testkit.internal.mesh;

import dev.meshdx.testkit.internal.Documents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Manifests: one or several YAML documents, lists included. */
public final class Yaml {
    private Yaml() {}

    /** The objects of a manifest. */
    public static List<Map<String, Object>> objects(String text) {
        List<Map<String, Object>> objects = new ArrayList<>();
        Documents.load(text).forEach(document -> collect(plain(document), objects));
        return objects;
    }

    @SuppressWarnings("unchecked") // plain() makes maps with text keys
    private static void collect(Object document, List<Map<String, Object>> objects) {
        if (!(document instanceof Map<?, ?> map) || !(map.get("kind") instanceof String kind)) {
            throw new IllegalArgumentException("A manifest holds objects with apiVersion and kind, not " + document);
        }
        if (kind.equals("List") && map.get("items") instanceof List<?> items) {
            items.forEach(item -> collect(item, objects));
        } else {
            objects.add((Map<String, Object>) map);
        }
    }

    /** Texts as keys, no nulls. */
    private static Object plain(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> {
                if (item != null) {
                    copy.put(String.valueOf(key), plain(item));
                }
            });
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            for (Object item : list) {
                if (item != null) {
                    copy.add(plain(item));
                }
            }
            return copy;
        }
        return value;
    }
}
