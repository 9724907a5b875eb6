package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;

/**
 * What a policy or a route is attached to. Source: Istio, "Type PolicyTargetReference"; Gateway API, "ParentReference".
 *
 * @param group the API group; empty for the core
 * @param kind such as {@code Service} or {@code Gateway}
 * @param namespace empty for the own one
 * @param name the name
 * @param sectionName the listener; empty for all
 * @param port 0 for all
 */
public record TargetReference(String group, String kind, String namespace, String name, String sectionName, int port) {
    /** The references of a policy, {@code targetRef} and {@code targetRefs}. */
    static List<TargetReference> of(Resource policy) {
        List<Json> written = new ArrayList<>(policy.spec().at("targetRefs").items());
        if (policy.spec().at("targetRef").exists()) {
            written.add(policy.spec().at("targetRef"));
        }
        return written.stream().map(one -> of(one, "", "")).toList();
    }

    static TargetReference of(Json written, String group, String kind) {
        return new TargetReference(
                written.at("group").text(group),
                written.at("kind").text(kind),
                written.at("namespace").text(""),
                written.at("name").text(""),
                written.at("sectionName").text(""),
                (int) written.at("port").number(0));
    }

    /** One line. */
    @Override
    public String toString() {
        return kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name
                + (sectionName.isEmpty() ? "" : " " + sectionName) + (port == 0 ? "" : ":" + port);
    }
}
