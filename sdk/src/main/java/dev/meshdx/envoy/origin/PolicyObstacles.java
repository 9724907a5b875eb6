package dev.meshdx.envoy.origin;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.PeerAuthentications;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a PeerAuthentication, an AuthorizationPolicy or a RequestAuthentication changes nothing on a proxy. */
final class PolicyObstacles {
    private final ObstacleContext context;
    private final Configuration configuration;
    private final ProxyFacts proxy;
    private final Resource resource;
    private final ResourceRef ref;
    private final String owner;

    PolicyObstacles(ObstacleContext context) {
        this.context = context;
        this.configuration = context.configuration;
        this.proxy = context.proxy;
        this.resource = context.resource;
        this.ref = context.ref;
        this.owner = context.owner;
    }

    void peerAuthentication() {
        if (!proxy.isSidecar()) {
            context.add(
                    Obstacle.Type.PROXY_TYPE,
                    ref + " says what sidecars accept, and " + context.who() + " is " + proxy.what() + ".",
                    "",
                    Json.MISSING);
            return;
        }
        if (!concerns(PeerAuthentications.selector(resource), "spec.selector.matchLabels")) {
            return;
        }
        if (context.madeNothing()) {
            PeerAuthentications.Decision decision =
                    PeerAuthentications.of(configuration).of(proxy.namespace(), proxy.labels(), 0);
            @Nullable Resource policy = decision.policy();
            if (policy != null && !policy.equals(resource)) {
                context.overruled(policy, decision.because());
            } else {
                context.add(
                        Obstacle.Type.OVERRULED,
                        ref + " sets no mode that holds here: " + decision.because() + ".",
                        "spec.mtls.mode",
                        context.spec("mtls", "mode"));
            }
        }
    }

    /** Whether a policy of this namespace and with this selector is for the pod; says so where it is not. */
    private boolean concerns(Map<String, String> selector, String field) {
        if (!owner.equals(proxy.namespace())
                && !owner.equals(configuration.mesh().rootNamespace())) {
            context.otherNamespace();
            return false;
        }
        return selector.isEmpty() || context.selected(selector, field);
    }

    void policy() {
        if (context.spec("targetRefs").size() > 0 || context.spec("targetRef").exists()) {
            if (context.madeNothing() && proxy.isSidecar()) {
                context.add(
                        Obstacle.Type.PROXY_TYPE,
                        ref + " is for the waypoints and gateways that it names, and " + context.who()
                                + " is a sidecar.",
                        "spec.targetRefs",
                        context.spec("targetRefs"));
            }
            return;
        }
        if (!context.madeNothing()
                || !concerns(context.spec("selector", "matchLabels").textMap(), "spec.selector.matchLabels")) {
            return;
        }
        if (context.spec("action").text("").equals("CUSTOM")
                || context.spec("action").text("").equals("AUDIT")) {
            context.add(
                    Obstacle.Type.NOT_VISIBLE,
                    ref + " has action " + context.spec("action").text("")
                            + ", which stands in the proxy under another name.",
                    "spec.action",
                    context.spec("action"));
        } else if (resource.kind().equals(ResourceKind.REQUEST_AUTHENTICATION)
                && context.spec("jwtRules").size() == 0) {
            context.add(Obstacle.Type.NOTHING_BOUND, ref + " has no rules.", "spec.jwtRules", Json.MISSING);
        } else if (resource.kind().equals(ResourceKind.AUTHORIZATION_POLICY)
                && context.spec("rules").size() == 0) {
            context.add(
                    Obstacle.Type.NOT_VISIBLE,
                    ref + " has no rules; the filter that denies or allows everything carries no name.",
                    "spec.rules",
                    context.spec("rules"));
        }
    }
}
