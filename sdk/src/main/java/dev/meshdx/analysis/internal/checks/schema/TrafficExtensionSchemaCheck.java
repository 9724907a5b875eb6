package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a TrafficExtension must look like. Source: istio/istio, {@code validation.go}, {@code ValidateTrafficExtension}. */
public final class TrafficExtensionSchemaCheck extends SchemaCheck {
    private static final int MOST_CODE = 65_536;

    public TrafficExtensionSchemaCheck() {
        super(ResourceKind.TRAFFIC_EXTENSION, "TrafficExtension");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkAttachment(spec, List.of("selector", "targetRefs"), problems);
        boolean wasm = spec.at("wasm").exists();
        boolean lua = spec.at("lua").exists();
        problems.require(
                wasm != lua,
                wasm ? spec.at("lua") : spec.at("wasm"),
                "a TrafficExtension must have either wasm or lua, " + (wasm ? "not both" : "and has neither"));
        if (wasm) {
            WasmPluginSchemaCheck.checkModule(spec.at("wasm"), problems);
        }
        if (lua) {
            Field code = spec.at("lua", "inlineCode");
            int size = code.text().getBytes(StandardCharsets.UTF_8).length;
            // The code itself is nobody's business in a message.
            problems.require(
                    size >= 1 && size <= MOST_CODE,
                    new Field(code.path(), size == 0 ? code.value() : Json.of("(" + size + " bytes)")),
                    "lua.inlineCode must have between 1 and 65536 bytes");
        }
        WasmPluginSchemaCheck.checkMatches(spec.at("match"), problems);
    }
}
