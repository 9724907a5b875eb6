package dev.meshdx.testkit;

import static dev.meshdx.testkit.Fakes.NOW;
import static dev.meshdx.testkit.Fakes.json;
import static dev.meshdx.testkit.Fakes.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.testkit.internal.ClusterState;
import org.junit.jupiter.api.Test;

class ConfigDumpTest {
    private final ClusterState state = Scenario.HEALTHY.builder().clock(NOW).build();
    private final Resource web = pod(state, "production", "web");

    private Json configs(String query) {
        return json(state, web, 15000, "/config_dump?" + query).at("configs");
    }

    @Test
    void should_flatten_a_resource_and_filter_by_name() {
        Json listeners = configs("resource=dynamic_listeners&name_regex=virtual.*&mask=name");

        assertThat(listeners.items().stream()
                        .map(listener -> listener.at("name").text("")))
                .containsExactly("virtualOutbound", "virtualInbound");
        assertThat(listeners.at(0).names()).containsExactly("@type", "name");
        assertThat(listeners.at(0).at("@type").text(""))
                .isEqualTo("type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener");
        assertThat(configs("include_eds&resource=dynamic_endpoint_configs&name_regex=.*ratings.*")
                        .size())
                .isEqualTo(1);
        assertThat(state.page("production", web.name(), 15000, "/config_dump?resource=dynamic_endpoint_configs")
                        .orElseThrow()
                        .status())
                .as("endpoints are there only where they are asked for")
                .isEqualTo(404);
    }

    @Test
    void should_mask_whole_dumps() {
        Json masked = configs("mask=bootstrap.node.id,last_updated");

        assertThat(masked.size()).isEqualTo(1);
        assertThat(masked.at(0).at("bootstrap", "node").names()).containsExactly("id");
    }

    @Test
    void should_refuse_as_envoy_does() {
        assertThat(state.page("production", web.name(), 15000, "/config_dump?resource=nonsense")
                        .orElseThrow()
                        .status())
                .isEqualTo(404);
        assertThat(state.page("production", web.name(), 15000, "/config_dump?mask=nonsense")
                        .orElseThrow()
                        .status())
                .isEqualTo(400);
        assertThat(state.page("production", web.name(), 15000, "/config_dump?name_regex=[")
                        .orElseThrow()
                        .status())
                .isEqualTo(400);
    }
}
