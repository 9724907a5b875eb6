package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.ConfigDump;
import java.util.List;
import org.junit.jupiter.api.Test;

class TracerTest {
    private static final String V1 = "outbound|9080|v1|reviews.production.svc.cluster.local";

    private static Trace trace(String match, HttpRequest request) {
        ConfigDump dump = Dumps.sidecar(List.of(Dumps.route("users", match, V1)), List.of(V1));
        return Tracer.trace(dump, request);
    }

    @Test
    void should_follow_a_request_to_its_cluster() {
        Trace trace = trace("{\"prefix\": \"/api\"}", HttpRequest.get("http://reviews:9080/api/v1?x=1"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.ROUTE);
        assertThat(trace.listener()).contains("0.0.0.0_9080");
        assertThat(trace.routeConfig()).contains("9080");
        assertThat(trace.virtualHost()).contains("reviews.production.svc.cluster.local:9080");
        assertThat(trace.route()).contains("users");
        assertThat(trace.cluster()).contains(V1);
        assertThat(trace.configuredBy())
                .hasValueSatisfying(ref -> assertThat(ref).hasToString("VirtualService production/reviews"));
        assertThat(trace.nearMisses()).isEmpty();
        assertThat(trace.toString()).contains(V1).hasSizeLessThan(900);
    }

    @Test
    void should_say_that_only_the_case_differs() {
        Trace trace = trace("{\"prefix\": \"/api/v1/Users\"}", HttpRequest.get("http://reviews:9080/api/v1/users/7"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_ROUTE);
        assertThat(trace.responseCode()).isEqualTo(404);
        assertThat(trace.nearMisses()).singleElement().satisfies(miss -> {
            assertThat(miss.what()).isEqualTo("route users from VirtualService production/reviews");
            assertThat(miss.where()).contains("route configuration 9080");
            assertThat(miss.because()).contains("upper and lower case");
        });
    }

    @Test
    void should_say_what_else_a_request_lacks() {
        assertThat(because("{\"path\": \"/a\"}", "/a/")).contains("slash at the end");
        assertThat(because("{\"path\": \"/a\"}", "/a/b")).contains("goes on after exact path /a");
        assertThat(because("{\"path_separated_prefix\": \"/a\"}", "/ab")).contains("whole segments");
        assertThat(because("{\"safe_regex\": {\"regex\": \"/v[0-9]\"}}", "/v1/x"))
                .contains("must match the whole");
        assertThat(because("{\"prefix\": \"/a/b\"}", "/a//b")).contains("repeated slashes");
        assertThat(because("{\"prefix\": \"/reviews\"}", "/rewievs")).contains("almost");
        assertThat(because(
                        "{\"prefix\": \"/\", \"headers\": [{\"name\": \"x-user\", \"string_match\": {\"exact\": \"a\"}}]}",
                        "/"))
                .isEqualTo("header x-user: wanted exactly \"a\", it is absent");
        assertThat(because(
                        "{\"prefix\": \"/\", \"headers\": [{\"name\": \":method\", \"string_match\": {\"exact\": \"PUT\"}}]}",
                        "/"))
                .contains("method: wanted exactly \"PUT\", it is \"GET\"");
        assertThat(because(
                        "{\"prefix\": \"/\", \"query_parameters\": [{\"name\": \"v\", \"string_match\": {\"exact\": \"2\"}}]}",
                        "/?v=1"))
                .contains("query parameter v");
    }

    private static String because(String match, String path) {
        Trace trace = trace(match, HttpRequest.get("http://reviews:9080" + path));
        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_ROUTE);
        return trace.nearMisses().get(0).because();
    }

    @Test
    void should_not_repeat_what_may_be_a_secret() {
        String match = "{\"prefix\": \"/\", \"headers\": [{\"name\": \"authorization\", \"present_match\": false}]}";
        Trace trace = trace(match, HttpRequest.get("http://reviews:9080/").header("Authorization", "Bearer t0ken"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_ROUTE);
        assertThat(trace.toString() + trace.nearMisses())
                .contains("authorization")
                .doesNotContain("t0ken");
    }

    @Test
    void should_say_that_a_host_is_not_served() {
        Trace trace = trace("{\"prefix\": \"/\"}", HttpRequest.get("http://reviews.prodution:9080/"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_VIRTUAL_HOST);
        assertThat(trace.nearMisses())
                .first()
                .satisfies(miss -> assertThat(miss.what()).isEqualTo("domain reviews.production"));
    }

    @Test
    void should_name_the_subsets_that_there_are() {
        ConfigDump dump = Dumps.sidecar(
                List.of(Dumps.route("users", "{\"prefix\": \"/\"}", V1.replace("v1", "v9"))), List.of(V1));

        Trace trace = Tracer.trace(dump, HttpRequest.get("http://reviews:9080/"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.NO_CLUSTER);
        assertThat(trace.responseCode()).isEqualTo(503);
        assertThat(trace.nearMisses().get(0).because()).contains("there is a subset v1, but no v9");
    }

    @Test
    void should_pass_on_what_no_listener_is_for() {
        Trace trace = trace("{\"prefix\": \"/\"}", HttpRequest.get("http://reviews:1234/"));

        assertThat(trace.kind()).isEqualTo(Trace.Kind.TCP);
        assertThat(trace.cluster()).contains("PassthroughCluster");
    }

    @Test
    void should_refuse_what_is_no_url() {
        assertThatThrownBy(() -> HttpRequest.get("reviews:9080/x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HttpRequest.get("http:///x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void should_say_that_a_document_ended_early() {
        String whole = """
                {"configs": [
                 {"bootstrap": {"node": {"id": "sidecar~10.0.0.9~web-1.production~production.svc.cluster.local"}}},
                 {"@type": "x.ListenersConfigDump", "dynamic_listeners": [
                  {"name": "0.0.0.0_80", "active_state": {"listener": {"name": "0.0.0.0_80",
                    "address": {"socket_address": {"address": "0.0.0.0", "port_value": 80}}}}}]}]}""";
        HttpRequest request = HttpRequest.get("http://a/").to("10.0.0.1:80");

        assertThat(Tracer.trace(Dumps.parse(whole), request).notes()).isEmpty();
        assertThat(Tracer.trace(Dumps.parse(whole.substring(0, whole.length() - 20)), request)
                        .notes())
                .anyMatch(note -> note.startsWith("the configuration is not complete"));
    }
}
