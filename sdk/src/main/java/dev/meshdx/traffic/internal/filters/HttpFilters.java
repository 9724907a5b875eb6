package dev.meshdx.traffic.internal.filters;

import dev.meshdx.envoy.Cors;
import dev.meshdx.envoy.FaultInjection;
import dev.meshdx.envoy.FieldMatch;
import dev.meshdx.envoy.HttpFilter;
import dev.meshdx.envoy.Rbac;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.FilterEffect;
import dev.meshdx.traffic.FilterEffect.Effect;
import dev.meshdx.traffic.Trace.Kind;
import dev.meshdx.traffic.internal.HeaderCondition;
import dev.meshdx.traffic.internal.Headers;
import dev.meshdx.traffic.internal.MetadataTest;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.RouteConditions;
import dev.meshdx.traffic.internal.RoutedRequest;
import dev.meshdx.traffic.internal.TextMatcher;
import dev.meshdx.traffic.internal.rbac.Call;
import dev.meshdx.traffic.internal.rbac.RbacFilters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP filters of a chain, made ready for many requests: which of them ends a request, which may, and which may change it.
 * Source: Envoy, "HTTP filters" and {@code extensions/filters/http/**}; the outcomes were measured on Envoy 1.40. Immutable.
 */
public final class HttpFilters {
    /** Filters that neither end nor change what is decided here. */
    private static final Set<String> HARMLESS = Set.of(
            "router",
            "stats",
            "alpn",
            "grpc_stats",
            "grpc_web",
            "grpc_http1_bridge",
            "peer_metadata",
            "metadata_exchange",
            "compressor",
            "decompressor",
            "on_demand",
            "tap",
            "upstream_codec",
            "connect_authority",
            "istio_authn",
            "authn",
            "cdn_loop",
            "original_src");

    private static final Set<String> CODE = Set.of("lua", "wasm", "ext_proc", "golang", "dynamic_modules", "js");

    private record Filter(
            HttpFilter view,
            String name,
            String kind,
            Json config,
            boolean isDisabled,
            Optional<FaultInjection> fault) {}

    /**
     * What came of it.
     *
     * @param reply the answer that ends the request; null where none does
     * @param authorization what the authorization filters decided; null where there are none, or none was reached
     * @param delayed whether it is held back on purpose, for certain
     */
    public record Passage(
            @Nullable LocalReply reply, @Nullable AuthorizationDecision authorization, boolean delayed) {}

    /**
     * What filters look at of the route that was found.
     *
     * @param overrides what it, its virtual host or its route configuration sets instead, by the names of filters
     * @param overridden whether there is any of that
     * @param isFound whether there is a route, or an answer of the virtual host
     * @param cluster the cluster to which it forwards; empty for several, or none
     * @param forwards whether it forwards
     */
    public record RouteSettings(
            Function<String, Optional<HttpFilter>> overrides,
            boolean overridden,
            boolean isFound,
            String cluster,
            boolean forwards) {}

    /** What JWT authentication found out, and whether routes are looked for with it. */
    public record Claims(Json metadata, boolean countForRoutes) {
        /** Nothing. */
        public static final Claims NONE = new Claims(Json.MISSING, false);
    }

    private final List<Filter> filters = new ArrayList<>();
    private final RbacFilters rbac;
    private final boolean authenticates;
    private final Regexes regexes;

    /** Makes filters ready. */
    public HttpFilters(List<HttpFilter> all, Regexes regexes) {
        this.regexes = regexes;
        for (HttpFilter view : all) {
            String kind = view.kind();
            if (!HARMLESS.contains(kind)) {
                filters.add(new Filter(
                        view,
                        view.name(),
                        kind,
                        view.fields(),
                        view.isDisabled(),
                        view.fault().filter(FaultInjection::isActive)));
            }
        }
        this.rbac = rbac(name -> Optional.empty());
        this.authenticates = filters.stream().anyMatch(filter -> filter.kind.equals("jwt_authn"));
    }

    /** Whether nothing of all this can end or change a request. */
    public boolean isEmpty() {
        return filters.isEmpty();
    }

    private RbacFilters rbac(Function<String, Optional<HttpFilter>> overrides) {
        List<Json> configs = new ArrayList<>();
        for (Filter filter : filters) {
            if (filter.kind.equals("rbac")) {
                Optional<HttpFilter> override = overrides.apply(filter.name);
                boolean disabled = override.map(HttpFilter::isDisabled).orElse(filter.isDisabled);
                Json config = override.flatMap(HttpFilter::rbac)
                        .or(filter.view::rbac)
                        .map(Rbac::raw)
                        .orElse(Json.MISSING);
                configs.add(disabled ? Json.MISSING : config);
            }
        }
        return RbacFilters.of(configs, regexes);
    }

    /** What JWT authentication hands on, provided that the token is good. */
    public Claims claims(Headers headers) {
        if (!authenticates) {
            return Claims.NONE;
        }
        Map<String, Json> claims = new LinkedHashMap<>();
        boolean count = false;
        RoutedRequest request = new RoutedRequest(headers, false, Json.MISSING);
        for (Filter filter : filters) {
            if (filter.kind.equals("jwt_authn") && !filter.isDisabled) {
                claims.putAll(verdict(filter, Optional.empty(), request).claims());
                count |= Jwt.clearsRouteCache(filter.config);
            }
        }
        return claims.isEmpty() ? Claims.NONE : new Claims(Json.of(Map.of(MetadataTest.JWT, Json.of(claims))), count);
    }

    private Jwt.Verdict verdict(Filter filter, Optional<HttpFilter> override, RoutedRequest request) {
        String requirement = override.map(HttpFilter::fields)
                .map(fields -> fields.at("requirement_name").text(""))
                .orElse("");
        return Jwt.verdict(
                filter.config,
                requirement,
                request.headers(),
                match -> RouteConditions.of(Jwt.match(match), regexes).take(request));
    }

    /**
     * Takes a request through the filters.
     *
     * @param route what was found for it
     * @param effects where what each filter does is put; null where nobody wants to know
     */
    public Passage pass(Call call, RouteSettings route, @Nullable List<FilterEffect> effects) {
        boolean overridden = route.overridden();
        Function<String, Optional<HttpFilter>> overrides = route.overrides();
        if (filters.isEmpty()) {
            return new Passage(null, null, false);
        }
        RbacFilters rules = overridden ? rbac(overrides) : rbac;
        RbacFilters.@Nullable Decided authorization = rules.isEmpty() ? null : rules.decide(call);
        int seen = 0;
        boolean delayed = false;
        for (Filter filter : filters) {
            Optional<HttpFilter> override = overridden ? overrides.apply(filter.name) : Optional.empty();
            boolean disabled = override.map(HttpFilter::isDisabled).orElse(filter.isDisabled);
            LocalReply reply = null;
            if (filter.kind.equals("rbac")) {
                reply = authorization == null ? null : authorize(filter, authorization, seen, effects);
                seen++;
            } else if (!disabled && filter.kind.equals("fault")) {
                FaultInjection fault = fault(filter, override, call, route.cluster());
                delayed |= fault != null && fault.delayPercent() >= 100;
                reply = fault == null
                        ? null
                        : abort(filter, fault, call.request().headers(), effects);
            } else if (!disabled) {
                reply = one(filter, override, call, route, authorization, effects);
            }
            if (reply != null) {
                return new Passage(
                        reply, authorization == null || seen == 0 ? null : authorization.decision(), delayed);
            }
        }
        return new Passage(null, authorization == null ? null : authorization.decision(), delayed);
    }

    private static void add(@Nullable List<FilterEffect> effects, Filter filter, Effect effect, String because) {
        if (effects != null) {
            effects.add(new FilterEffect(filter.name, effect, because));
        }
    }

    private static @Nullable LocalReply authorize(
            Filter filter, RbacFilters.Decided decided, int index, @Nullable List<FilterEffect> effects) {
        AuthorizationDecision decision = decided.decision();
        if (decided.refusedBy() == index) {
            add(effects, filter, Effect.REFUSES, decision.because());
            return new LocalReply(
                    Kind.DENIED,
                    403,
                    "rbac_access_denied_matched_policy[" + decision.policy().orElse("none") + "]",
                    "");
        }
        boolean open = decision.result() == Result.UNDECIDED;
        add(effects, filter, open ? Effect.MAY_REFUSE : Effect.PASSES, open ? decision.because() : "");
        return null;
    }

    private @Nullable LocalReply one(
            Filter filter,
            Optional<HttpFilter> override,
            Call call,
            RouteSettings route,
            RbacFilters.@Nullable Decided authorization,
            @Nullable List<FilterEffect> effects) {
        switch (filter.kind) {
            case "jwt_authn" -> {
                Jwt.Verdict verdict = verdict(filter, override, call.request());
                if (verdict.isRefused()) {
                    add(effects, filter, Effect.REFUSES, verdict.because());
                    return new LocalReply(Kind.DENIED, verdict.code(), verdict.details(), "");
                }
                boolean depends =
                        !verdict.claims().isEmpty() || verdict.because().contains("signature");
                add(effects, filter, depends ? Effect.MAY_REFUSE : Effect.PASSES, verdict.because());
            }
            case "cors" -> {
                return route.forwards()
                        ? preflight(filter, override, call.request().headers(), effects)
                        : null;
            }
            case "local_ratelimit" -> {
                Json limit = override.map(HttpFilter::fields).orElse(filter.config);
                if (limit.at("token_bucket").exists()
                        && enabled(limit.at("filter_enabled")) > 0
                        && enabled(limit.at("filter_enforced")) > 0) {
                    add(effects, filter, Effect.MAY_REFUSE, "429 when its tokens are used up: " + limits(limit));
                }
            }
            case "ratelimit" -> add(effects, filter, Effect.MAY_REFUSE, "429 when the rate limit service says so");
            case "ext_authz" -> {
                // It asks nobody where there is no route.
                if (route.isFound()) {
                    authorizer(filter, authorization, effects);
                }
            }
            case "oauth2",
                    "basic_auth",
                    "api_key_auth",
                    "credential_injector",
                    "admission_control",
                    "adaptive_concurrency",
                    "bandwidth_limit",
                    "buffer",
                    "csrf",
                    "header_mutation",
                    "health_check",
                    "custom_response",
                    "header_to_metadata",
                    "json_to_metadata",
                    "set_filter_state",
                    "stateful_session",
                    "rate_limit_quota",
                    "cache",
                    "geoip",
                    "gcp_authn",
                    "aws_request_signing",
                    "dynamic_forward_proxy",
                    "ip_tagging" ->
                add(
                        effects,
                        filter,
                        List.of(
                                                "header_mutation",
                                                "header_to_metadata",
                                                "json_to_metadata",
                                                "set_filter_state",
                                                "stateful_session")
                                        .contains(filter.kind)
                                ? Effect.MAY_CHANGE
                                : Effect.MAY_REFUSE,
                        "what it does depends on more than the configuration");
            default ->
                add(
                        effects,
                        filter,
                        Effect.MAY_CHANGE,
                        CODE.contains(filter.kind)
                                ? "it runs code, which can change the request or answer it"
                                : filter.view.isDiscovered()
                                        ? "its configuration is sent separately; without it, requests wait or get 500"
                                        : "it is not known here");
        }
        return null;
    }

    /** The share of a {@code RuntimeFractionalPercent}; none where it is not set. */
    private static double enabled(Json fraction) {
        return fraction.at("default_value", "numerator").decimal(0);
    }

    private static String limits(Json limit) {
        Json bucket = limit.at("token_bucket");
        return bucket.at("max_tokens").number(0) + " at most, "
                + bucket.at("tokens_per_fill").number(1) + " more every "
                + bucket.at("fill_interval").text("?");
    }

    private static void authorizer(
            Filter filter, RbacFilters.@Nullable Decided authorization, @Nullable List<FilterEffect> effects) {
        Optional<AuthorizationDecision.Outcome> custom = authorization == null
                ? Optional.empty()
                : authorization.decision().custom();
        boolean conditional = filter.config.at("filter_enabled_metadata").exists();
        if (conditional
                && custom.isPresent()
                && custom.get().policy().isEmpty()
                && custom.get().result() != Result.UNDECIDED) {
            add(effects, filter, Effect.PASSES, "no policy with action CUSTOM is for this request");
            return;
        }
        String service = filter.config
                .at("grpc_service", "envoy_grpc", "cluster_name")
                .text(filter.config.at("http_service", "server_uri", "cluster").text("a service"));
        add(effects, filter, Effect.MAY_REFUSE, "an external authorizer decides: " + service);
    }

    /** The faults that are for this request; null for none. */
    private @Nullable FaultInjection fault(Filter filter, Optional<HttpFilter> override, Call call, String cluster) {
        FaultInjection fault =
                override.flatMap(HttpFilter::fault).or(filter::fault).orElse(null);
        if (fault == null || !fault.isActive()) {
            return null;
        }
        Headers headers = call.request().headers();
        boolean other =
                fault.upstreamCluster().map(wanted -> !wanted.equals(cluster)).orElse(false);
        for (FieldMatch header : fault.headers()) {
            other |= !HeaderCondition.of(header, regexes).holds(headers);
        }
        List<String> nodes = fault.raw().at("downstream_nodes").texts();
        other |= !nodes.isEmpty()
                && headers.first("x-envoy-downstream-service-node")
                        .filter(nodes::contains)
                        .isEmpty();
        return other ? null : fault;
    }

    private static @Nullable LocalReply abort(
            Filter filter, FaultInjection fault, Headers headers, @Nullable List<FilterEffect> effects) {
        if (fault.delayPercent() > 0) {
            add(effects, filter, Effect.DELAYS, fault.toString());
        }
        int status = fault.abortStatus();
        if (fault.raw().at("abort", "header_abort").exists()) {
            boolean grpc = headers.first("x-envoy-fault-abort-grpc-request").isPresent();
            status = headers.first("x-envoy-fault-abort-request")
                    .filter(value -> value.matches("[2-5]\\d\\d"))
                    .map(Integer::parseInt)
                    .orElse(grpc ? 200 : 0);
        } else if (fault.abortGrpcStatus().isPresent()) {
            status = 200;
        }
        if (status == 0 || fault.abortPercent() <= 0) {
            return null;
        }
        if (fault.abortPercent() >= 100) {
            add(effects, filter, Effect.ANSWERS, fault.toString());
            return new LocalReply(Kind.FAULT_INJECTED, status, "fault_filter_abort", "FI");
        }
        add(effects, filter, Effect.MAY_REFUSE, fault.toString());
        return null;
    }

    /** A browser's question whether it may call; answered where the origin is one of those that may. */
    private @Nullable LocalReply preflight(
            Filter filter, Optional<HttpFilter> override, Headers headers, @Nullable List<FilterEffect> effects) {
        Optional<Cors> policy = override.flatMap(HttpFilter::cors);
        Optional<String> origin = headers.first("origin").filter(value -> !value.isEmpty());
        if (policy.isEmpty() || origin.isEmpty() || !Jwt.isPreflight(headers)) {
            return null;
        }
        boolean allowed = policy.get().allowOrigins().stream()
                .anyMatch(match -> TextMatcher.of(match, regexes).matches(origin.get()));
        if (!allowed) {
            return null;
        }
        add(effects, filter, Effect.ANSWERS, "a preflight request of an origin that may call");
        return new LocalReply(Kind.DIRECT_RESPONSE, 200, "cors_response", "");
    }
}
