package dev.meshdx.health.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Finding;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyRejectedConfigurationCheckTest {
    private static final String TYPE = "envoy.config.listener.v3.Listener";

    private final ProxyRejectedConfigurationCheck check = new ProxyRejectedConfigurationCheck();

    @Test
    void should_report_MDX0105_with_the_reason_and_the_EnvoyFilter_that_names_it() {
        HealthModel.Builder model = HealthFixtures.model();
        model.proxies = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                        "web.shop", TYPE, "'lastError':'did not find a registered implementation for @acme.filter@'")
                .replace("@", "\\u" + "0027"));
        model.pods = List.of(HealthFixtures.pod("web", HealthFixtures.RUNNING));
        model.envoyFilters = List.of(
                filter("other", "app", "cart", "acme.filter"),
                filter("harmless", "app", "web", "acme.other"),
                filter("guilty", "app", "web", "acme.filter"));

        Finding finding = HealthFixtures.run(check, model).get(0);

        assertThat(finding.code()).isEqualTo("MDX0105");
        assertThat(finding.message()).contains("LDS", "acme.filter", "It comes from EnvoyFilter shop/guilty.");
        assertThat(finding.remedy()).contains("EnvoyFilter shop/guilty");
    }

    @Test
    void should_say_what_the_reason_usually_comes_from() {
        HealthModel.Builder model = HealthFixtures.model();
        model.proxies = HealthFixtures.proxies(HealthFixtures.resourcesOf(
                "web.shop", TYPE, "'lastError':'Only unique values for domains are permitted'"));

        assertThat(HealthFixtures.run(check, model).get(0).message()).contains("two VirtualServices");
    }

    @Test
    void should_stay_silent_when_the_proxy_took_it() {
        HealthModel.Builder model = HealthFixtures.model();
        model.proxies = HealthFixtures.proxies(HealthFixtures.resourcesOf("web.shop", TYPE, "'sent':'a','acked':'a'"));

        assertThat(HealthFixtures.run(check, model)).isEmpty();
    }

    private static dev.meshdx.model.Resource filter(String name, String key, String value, String word) {
        return HealthFixtures.resource(
                ResourceKind.ENVOY_FILTER,
                "{'metadata':{'namespace':'shop','name':'" + name + "'},'spec':{'workloadSelector':{'labels':{'" + key
                        + "':'" + value + "'}},'configPatches':[{'patch':{'value':{'name':'" + word + "'}}}]}}");
    }
}
