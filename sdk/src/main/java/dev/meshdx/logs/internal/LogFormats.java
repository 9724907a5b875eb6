package dev.meshdx.logs.internal;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.logs.LogFormat;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.MeshConfigMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The formats of access logs that a mesh defines: {@code accessLogFormat}, and {@code logFormat} of the providers that Telemetry
 * resources choose from. Which proxy uses which needs no answer: a line tells by its form. Source: Istio, "Global Mesh Options".
 */
public final class LogFormats {
    private LogFormats() {}

    /** Those of the mesh. Costs one ConfigMap, once; where it cannot be read, the usual forms are enough for most. */
    public static LogFormat of(Session session) {
        return session.once(List.of("log formats"), "log formats", () -> {
            try {
                return MeshConfigMap.ofAny(session, "")
                        .map(map -> of(Yaml.read(MeshConfigMap.text(map))))
                        .orElse(LogFormat.usual());
            } catch (MeshException e) {
                return LogFormat.usual();
            }
        });
    }

    /** Those in a mesh configuration. */
    public static LogFormat of(Json mesh) {
        LogFormat format = LogFormat.usual();
        String own = mesh.at("accessLogFormat").text("").strip();
        if (own.startsWith("{")) {
            try {
                format = format.withJson(flat(Json.parse(own)));
            } catch (MeshProtocolException e) {
                // istiod refuses it too, and logs its usual keys.
            }
        } else if (!own.isEmpty()) {
            format = format.withText(own);
        }
        for (Json provider : mesh.at("extensionProviders").items()) {
            Json defined = provider.at("envoyFileAccessLog", "logFormat");
            String text = defined.at("text").text("").strip();
            if (!text.isEmpty()) {
                format = format.withText(text);
            }
            if (defined.at("labels").isObject()) {
                format = format.withJson(flat(defined.at("labels")));
            }
        }
        return format;
    }

    private static Map<String, String> flat(Json object) {
        Map<String, String> keys = new LinkedHashMap<>();
        object.forEachField((name, value) -> {
            if (value.isObject()) {
                value.forEachField((inner, text) -> text.text().ifPresent(item -> keys.put(name + "." + inner, item)));
            } else {
                value.text().ifPresent(text -> keys.put(name, text));
            }
        });
        return keys;
    }
}
