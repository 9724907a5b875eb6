package dev.meshdx.traffic.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.Route;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.Dumps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is looked up against what is asked one after the other. */
class RouteListTest {
    private static final List<String> SEGMENTS =
            List.of("a", "b", "A", "ab", "aB", "a;x=1", "a;x", "", "12", "a.b", "é", "%20", "abc");

    private static final List<String> EXPRESSIONS = List.of(
            "/a.*",
            "/ab?/.*",
            "^/a/b$",
            "/(a|b)/.*",
            "(?i)/ab/.*",
            "/[ab]/12(/.*)?",
            "/a\\\\.b(/.*)?",
            "/a+b*/.*",
            ".*",
            ".*/12",
            "/é.*",
            "/a|/b",
            "/\\\\Qa.b\\\\E.*",
            "/a{1,2}/b",
            "[",
            "/[^/]+/ab");

    private static final List<String> TEMPLATES =
            List.of("/a/{*}", "/{id}/b", "/a/{path=**}", "/{*}/{**}", "/ab/{id}/a");

    private final Regexes regexes = new Regexes();

    @ParameterizedTest
    @CsvSource({"1, false", "2, false", "3, true", "4, false", "5, false", "6, true"})
    void should_decide_as_if_each_route_was_asked(long seed, boolean ignoresParameters) {
        Random random = new Random(seed);
        int taken = 0;
        for (int round = 0; round < 40; round++) {
            List<Route> routes = routes(random, 1 + random.nextInt(120));
            RouteList list = new RouteList(routes, ignoresParameters, regexes);
            for (int i = 0; i < 200; i++) {
                RoutedRequest request = request(random);
                int from = random.nextInt(3) == 0 ? random.nextInt(routes.size() + 1) : 0;
                CompiledRoute wanted = oneAfterTheOther(list, request, from);

                assertThat(list.first(request, from))
                        .as("seed %d, %s %s from %d", seed, request.headers().method(), request.path(), from)
                        .isSameAs(wanted);
                taken += wanted == null ? 0 : 1;
            }
        }
        assertThat(taken).isGreaterThan(1_000);
    }

    private static @Nullable CompiledRoute oneAfterTheOther(RouteList list, RoutedRequest request, int from) {
        for (CompiledRoute route : list.all()) {
            if (route.position() >= from && route.takes(request)) {
                return route;
            }
        }
        return null;
    }

    private static <T> T any(Random random, List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        int segments = 1 + random.nextInt(3);
        for (int i = 0; i < segments; i++) {
            path.append('/').append(any(random, SEGMENTS));
        }
        return path.toString();
    }

    private static List<Route> routes(Random random, int count) {
        List<String> routes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String match =
                    match(random) + (random.nextInt(3) == 0 ? ", \"case_sensitive\": false" : "") + conditions(random);
            routes.add(Dumps.route("route-" + i, "{" + match.replaceFirst("^, ", "") + "}", "cluster"));
        }
        return Dumps.sidecar(routes, List.of())
                .routes()
                .iterator()
                .next()
                .virtualHosts()
                .get(0)
                .routes();
    }

    private static String match(Random random) {
        return switch (random.nextInt(9)) {
            case 0, 1 -> "\"prefix\": \"" + (random.nextInt(3) == 0 ? "/" : path(random)) + "\"";
            case 2, 3 -> "\"path\": \"" + path(random) + "\"";
            case 4 -> "\"path_separated_prefix\": \"" + path(random).replaceFirst("/$", "") + "\"";
            case 5, 6 -> "\"safe_regex\": {\"regex\": \"" + any(random, EXPRESSIONS) + "\"}";
            case 7 ->
                "\"path_match_policy\": {\"typed_config\": {\"path_template\": \"" + any(random, TEMPLATES) + "\"}}";
            default -> random.nextBoolean() ? "\"connect_matcher\": {}" : "";
        };
    }

    private static String conditions(Random random) {
        List<String> headers = new ArrayList<>();
        for (int i = random.nextInt(4) - 1; i > 0; i--) {
            headers.add(
                    switch (random.nextInt(8)) {
                        case 0 -> "{\"name\": \":method\", \"string_match\": {\"exact\": \"GET\"}}";
                        case 1 -> "{\"name\": \"x-t\", \"invert_match\": true, \"string_match\": {\"exact\": \"1\"}}";
                        case 2 -> "{\"name\": \"x-t\", \"string_match\": {\"prefix\": \"1\"}}";
                        case 3 ->
                            "{\"name\": \"x-t\", \"treat_missing_header_as_empty\": true, \"string_match\": {\"exact\": \"\"}}";
                        case 4 -> "{\"name\": \"X-T\", \"string_match\": {\"exact\": \"v\", \"ignore_case\": true}}";
                        case 5 -> "{\"name\": \"Host\", \"string_match\": {\"exact\": \"reviews\"}}";
                        default -> "{\"name\": \"X-T\", \"string_match\": {\"exact\": \"" + random.nextInt(4) + "\"}}";
                    });
        }
        return headers.isEmpty() ? "" : ", \"headers\": [" + String.join(",", headers) + "]";
    }

    private static RoutedRequest request(Random random) {
        List<Map.Entry<String, String>> sent = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            sent.add(Map.entry("x-T", any(random, List.of("0", "1", "2", "3", "12", "", "V"))));
        }
        Headers headers = new Headers(sent, false);
        headers.set(":method", any(random, List.of("GET", "GET", "POST", "CONNECT")));
        headers.set(":authority", random.nextBoolean() ? "reviews" : "ratings");
        if (!headers.isConnect() || random.nextBoolean()) {
            headers.set(":path", path(random) + any(random, List.of("", "", "?a=/b", "#x", "/")));
        }
        return new RoutedRequest(headers, false, Json.MISSING);
    }
}
