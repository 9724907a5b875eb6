package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;

/** What a ProxyConfig must look like. Source: istio/istio, {@code validation.go}, {@code ValidateProxyConfig}. */
public final class ProxyConfigSchemaCheck extends SchemaCheck {
    public ProxyConfigSchemaCheck() {
        super(ResourceKind.PROXY_CONFIG, "ProxyConfig");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkSelector(spec.at("selector", "matchLabels"), problems);
        Values.adviseLabels(spec.at("selector"), "matchLabels", problems);
        Values.checkNotNegative(spec.at("concurrency"), problems);
    }
}
