package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON of protobuf messages in one form: fields sorted, and without the defaults that some printers write. */
final class Canonical {
    private Canonical() {}

    static Json of(Json json) {
        if (json.isObject()) {
            Map<String, Json> fields = new TreeMap<>();
            json.forEachField((name, value) -> {
                if (!(name.equals("action") && value.text("").equals("ALLOW"))
                        && !(name.equals("policies") && value.size() == 0)) {
                    fields.put(name, of(value));
                }
            });
            return Json.of(fields);
        }
        if (json.isArray()) {
            List<Json> items = new ArrayList<>();
            json.items().forEach(item -> items.add(of(item)));
            return Json.array(items);
        }
        return json.isNumber() ? Json.of(json.number(0)) : json;
    }

    static List<String> texts(List<Json> all) {
        return all.stream().map(json -> of(json).toString()).toList();
    }
}
