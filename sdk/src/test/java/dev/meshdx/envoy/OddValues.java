package dev.meshdx.envoy;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/** What may stand in a field although it should not. */
final class OddValues {
    private static final List<Json> ODD = List.of(
            Json.NULL,
            Json.of(""),
            Json.of("-99999999999999999999s"),
            Json.of(-1),
            Json.of(1e300),
            Json.of(true),
            Json.object(),
            Json.object("@type", "type.googleapis.com/", "x", 1),
            Json.array(List.of(Json.of(1), Json.NULL, Json.object(), Json.of("a"))));

    private OddValues() {}

    /** The value with each of its parts replaced, one at a time; which odd value it is goes round. */
    static List<Json> in(Json whole) {
        int parts = count(whole);
        List<Json> all = new ArrayList<>();
        for (int i = 1; i < parts; i++) {
            all.add(replace(whole, new int[] {i}, ODD.get(i % ODD.size())));
        }
        return all;
    }

    private static int count(Json value) {
        int[] count = {1};
        value.items().forEach(item -> count[0] += count(item));
        value.forEachField((name, item) -> count[0] += count(item));
        return count[0];
    }

    private static Json replace(Json value, int[] left, Json by) {
        if (left[0]-- == 0) {
            return by;
        }
        if (value.isArray()) {
            return Json.array(
                    value.items().stream().map(item -> replace(item, left, by)).toList());
        }
        if (value.isObject()) {
            List<Object> pairs = new ArrayList<>();
            value.forEachField((name, item) -> {
                pairs.add(name);
                pairs.add(replace(item, left, by));
            });
            return Json.object(pairs.toArray());
        }
        return value;
    }
}
