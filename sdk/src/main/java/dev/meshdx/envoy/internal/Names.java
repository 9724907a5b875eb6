package dev.meshdx.envoy.internal;

import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Field names of protobuf JSON. Envoy prints them as in the proto files ({@code dynamic_listeners}), istiod and other tools
 * in lowerCamelCase; one form is enough for the readers. Source: Protocol Buffers, "ProtoJSON format".
 */
public final class Names {
    private Names() {}

    /** {@code dynamicActiveClusters} as {@code dynamic_active_clusters}; other names as they are. */
    public static String snake(String name) {
        StringBuilder out = null;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                if (i == 0) {
                    return name;
                }
                if (out == null) {
                    out = new StringBuilder(name.length() + 4).append(name, 0, i);
                }
                out.append('_').append((char) (c + 32));
            } else if (c == '_' || c == '.' || c == '-' || c == '/') {
                // Keys of maps and of free-form metadata, not field names.
                return name;
            } else if (out != null) {
                out.append(c);
            }
        }
        return out == null ? name : out.toString();
    }

    /** The value with the field names of messages in Envoy's form; free-form metadata stays as it is. */
    public static Json snake(Json value) {
        if (value.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            value.forEachField((name, item) ->
                    map.put(snake(name), isFreeForm(name, item) || isLabels(value, name) ? item : snake(item)));
            return Json.object(flatten(map));
        }
        if (value.isArray()) {
            List<Json> list = new ArrayList<>();
            for (Json item : value.items()) {
                list.add(snake(item));
            }
            return Json.array(list);
        }
        return value;
    }

    /** What a transport socket's {@code match} wants is compared with the metadata of endpoints. */
    private static boolean isLabels(Json message, String name) {
        return name.equals("match")
                && (message.at("transportSocket").exists()
                        || message.at("transport_socket").exists());
    }

    private static boolean isFreeForm(String name, Json value) {
        return switch (name) {
            case "filterMetadata", "filter_metadata", "labels" -> true;
            case "metadata" -> !value.at("filterMetadata").exists();
            default -> false;
        };
    }

    private static @Nullable Object[] flatten(Map<String, @Nullable Object> map) {
        @Nullable Object[] pairs = new Object[map.size() * 2];
        int i = 0;
        for (Map.Entry<String, @Nullable Object> entry : map.entrySet()) {
            pairs[i++] = entry.getKey();
            pairs[i++] = entry.getValue();
        }
        return pairs;
    }
}
