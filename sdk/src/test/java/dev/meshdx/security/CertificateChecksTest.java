package dev.meshdx.security;

import static dev.meshdx.security.TestCertificates.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestCertificates.Authority;
import dev.meshdx.security.internal.CertificateChainInvalidCheck;
import dev.meshdx.security.internal.CertificateChecks;
import dev.meshdx.security.internal.CertificateExpiredCheck;
import dev.meshdx.security.internal.CertificateExpiringSoonCheck;
import dev.meshdx.security.internal.GatewayCertificateMissingCheck;
import dev.meshdx.security.internal.RootConfigMapMismatchCheck;
import dev.meshdx.security.internal.RootMismatchCheck;
import dev.meshdx.security.internal.WorkloadCertificateMissingCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

/** MDX0502 to MDX0508: each fires, and each stays silent on a good mesh. */
class CertificateChecksTest {
    private static final Authority ROOT = Authority.root("mesh");
    private static final Authority OTHER = Authority.root("other");

    private final List<ProxyCertificates> proxies = new ArrayList<>();
    private final List<RootCertificates.Copy> copies = new ArrayList<>();

    CertificateChecksTest() {
        add("web", ROOT.leaf(identity("web")) + ROOT.pem(), ROOT);
        add("cart", ROOT.leaf(identity("cart")) + ROOT.pem(), ROOT);
        copies.add(copy("istio-system", true, ROOT.info()));
        copies.add(copy("shop", true, ROOT.info()));
    }

    private static String identity(String account) {
        return "spiffe://cluster.local/ns/shop/sa/" + account;
    }

    private static ResourceRef pod(String name) {
        return ResourceRef.of("Pod", "shop", name + "-1");
    }

    private void add(String name, String pem, Authority... roots) {
        List<CertificateInfo> trusted =
                java.util.Arrays.stream(roots).map(Authority::info).toList();
        proxies.add(ProxyCertificates.of(pod(name), name, TestCertificates.parse(pem), trusted, List.of(), List.of()));
    }

    private static RootCertificates.Copy copy(String namespace, boolean present, CertificateInfo... roots) {
        return RootCertificates.Copy.of(
                ResourceRef.of("ConfigMap", namespace, "istio-ca-root-cert"), present, true, List.of(roots));
    }

    private List<Finding> run(Check<Certificates> check) {
        List<Finding> findings = new ArrayList<>();
        check.run(
                Certificates.of(
                        NOW,
                        List.of("cluster.local", "old.example"),
                        proxies,
                        RootCertificates.of(proxies, copies, "istio-system"),
                        List.of(),
                        List.of()),
                findings::add);
        return findings;
    }

    private Finding only(Check<Certificates> check) {
        List<Finding> findings = run(check);
        assertThat(findings).hasSize(1);
        assertThat(check.codes()).contains(findings.get(0).kind());
        assertThat(findings.get(0).remedy()).isNotEmpty();
        return findings.get(0);
    }

    @Test
    void should_stay_silent_on_a_good_mesh() {
        for (Check<Certificates> check : CertificateChecks.all()) {
            assertThat(run(check)).as(check.toString()).isEmpty();
        }
    }

    @Test
    void should_report_mdx0502_for_an_expired_workload_certificate() {
        add("pay", ROOT.leaf(identity("pay"), NOW.minus(Duration.ofDays(3)), NOW.minus(Duration.ofDays(2))), ROOT);

        Finding finding = only(new CertificateExpiredCheck());

        assertThat(finding.code()).isEqualTo("MDX0502");
        assertThat(finding.subject()).isEqualTo(pod("pay"));
        assertThat(finding.message()).contains("expired 2 d ago", "2026-05-30T12:00:00Z");
        assertThat(run(new CertificateExpiringSoonCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0502_once_for_an_expired_root_that_all_hold() {
        Authority old = Authority.root("old", NOW.minus(Duration.ofDays(100)), NOW.minus(Duration.ofDays(1)));
        add("a", old.leaf(identity("a")), old);
        add("b", old.leaf(identity("b")), old);

        assertThat(only(new CertificateExpiredCheck()).message()).contains("O=old", "Everything that it signed");
    }

    @Test
    void should_report_mdx0503_when_renewal_is_overdue() {
        add("late", ROOT.leaf(identity("late"), NOW.minus(Duration.ofHours(18)), NOW.plus(Duration.ofHours(6))), ROOT);

        Finding finding = only(new CertificateExpiringSoonCheck());

        assertThat(finding.code()).isEqualTo("MDX0503");
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.message()).contains("expires in 6 h", "25 %");
        assertThat(run(new CertificateExpiredCheck())).isEmpty();
    }

    @Test
    void should_make_mdx0503_an_error_when_hardly_anything_is_left() {
        add("late", ROOT.leaf(identity("late"), NOW.minus(Duration.ofHours(22)), NOW.plus(Duration.ofHours(2))), ROOT);

        assertThat(only(new CertificateExpiringSoonCheck()).severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void should_judge_short_certificates_by_their_own_lifetime() {
        add(
                "brief",
                ROOT.leaf(identity("brief"), NOW.minus(Duration.ofMinutes(20)), NOW.plus(Duration.ofMinutes(40))),
                ROOT);

        assertThat(run(new CertificateExpiringSoonCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0503_for_a_root_two_months_before_its_end() {
        Authority ending = Authority.root("ending", NOW.minus(Duration.ofDays(3600)), NOW.plus(Duration.ofDays(50)));
        add("a", ending.leaf(identity("a")), ending);

        Finding finding = only(new CertificateExpiringSoonCheck());

        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.message()).contains("O=ending", "50 d");
    }

    @Test
    void should_judge_a_gateways_certificate_by_the_days_that_people_need() {
        String soon = OTHER.leaf("shop.example.com", NOW.minus(Duration.ofDays(80)), NOW.plus(Duration.ofDays(10)));
        proxies.add(ProxyCertificates.of(
                pod("gateway"),
                "gateway",
                TestCertificates.parse(ROOT.leaf(identity("gateway"))),
                List.of(ROOT.info()),
                List.of(dev.meshdx.security.internal.Pem.parse("kubernetes://shop-tls", soon)),
                List.of()));

        Finding finding = only(new CertificateExpiringSoonCheck());

        assertThat(finding.message()).contains("shop.example.com", "kubernetes://shop-tls");
        assertThat(finding.remedy()).contains("create secret tls shop-tls");
        assertThat(run(new CertificateChainInvalidCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0504_for_the_proxy_of_another_authority_only() {
        add("odd", OTHER.leaf(identity("odd")) + OTHER.pem(), OTHER);

        Finding finding = only(new RootMismatchCheck());

        assertThat(finding.code()).isEqualTo("MDX0504");
        assertThat(finding.subject()).isEqualTo(pod("odd"));
        assertThat(finding.message()).contains("O=other", "O=mesh");
        // Its chain leads to the roots that it holds itself.
        assertThat(run(new CertificateChainInvalidCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0504_for_a_certificate_that_the_mesh_does_not_trust() {
        add("odd", OTHER.leaf(identity("odd")), ROOT, OTHER);

        assertThat(only(new RootMismatchCheck()).message()).contains("does not lead to the mesh's root");
    }

    @Test
    void should_blame_those_without_the_new_root_while_one_is_being_replaced() {
        add("new", OTHER.leaf(identity("new")), ROOT, OTHER);
        add("newer", OTHER.leaf(identity("newer")), ROOT, OTHER);
        add("old", ROOT.leaf(identity("old")), ROOT, OTHER);
        copies.clear();

        assertThat(run(new RootMismatchCheck()))
                .extracting(Finding::subject)
                .as("web and cart refuse new and newer; those with both roots are right")
                .containsExactly(pod("cart"), pod("web"));

        proxies.subList(0, 2).clear();
        assertThat(run(new RootMismatchCheck())).isEmpty();
    }

    @Test
    void should_judge_two_thousand_proxies_in_seconds() {
        for (int i = 0; i < 2000; i++) {
            ProxyCertificates first = proxies.get(0);
            proxies.add(ProxyCertificates.of(
                    pod("p" + i), "web", first.workload().orElseThrow(), first.roots(), List.of(), List.of()));
        }

        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> assertThat(run(new RootMismatchCheck())).isEmpty());
    }

    @Test
    void should_report_mdx0504_when_two_camps_are_even() {
        proxies.clear();
        copies.clear();
        add("a", ROOT.leaf(identity("a")), ROOT);
        add("b", OTHER.leaf(identity("b")), OTHER);

        assertThat(only(new RootMismatchCheck()).message()).contains("cannot be told");
    }

    @Test
    void should_report_mdx0505_for_a_missing_or_stale_copy() {
        copies.add(copy("data", false));
        assertThat(only(new RootConfigMapMismatchCheck()).message()).contains("no ConfigMap data/istio-ca-root-cert");

        copies.remove(2);
        copies.add(copy("data", true, OTHER.info()));
        Finding finding = only(new RootConfigMapMismatchCheck());
        assertThat(finding.code()).isEqualTo("MDX0505");
        assertThat(finding.message()).contains("O=other", "O=mesh");

        copies.remove(2);
        copies.add(copy("data", true, OTHER.info(), ROOT.info()));
        assertThat(run(new RootConfigMapMismatchCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0506_for_a_chain_that_does_not_lead_to_its_own_root() {
        add("cut", OTHER.intermediate("lost").leaf(identity("cut")), ROOT);

        Finding finding = only(new CertificateChainInvalidCheck());

        assertThat(finding.code()).isEqualTo("MDX0506");
        assertThat(finding.message()).contains("O=lost");
    }

    @Test
    void should_report_mdx0506_for_another_pods_identity_but_not_for_an_alias_of_the_trust_domain() {
        add("alias", ROOT.leaf("spiffe://old.example/ns/shop/sa/alias"), ROOT);
        add("thief", ROOT.leaf(identity("web")), ROOT);

        Finding finding = only(new CertificateChainInvalidCheck());

        assertThat(finding.subject()).isEqualTo(pod("thief"));
        assertThat(finding.message()).contains(identity("web"), identity("thief"));
    }

    @Test
    void should_report_mdx0506_for_a_certificate_from_the_future_and_one_that_cannot_be_a_client() {
        add("early", ROOT.leaf(identity("early"), NOW.plus(Duration.ofHours(1)), NOW.plus(Duration.ofHours(25))), ROOT);
        assertThat(only(new CertificateChainInvalidCheck()).message()).contains("not valid before");

        proxies.remove(2);
        add(
                "half",
                ROOT.leaf(
                        identity("half"),
                        NOW.minus(Duration.ofHours(1)),
                        NOW.plus(Duration.ofHours(23)),
                        KeyPurposeId.id_kp_serverAuth),
                ROOT);
        assertThat(only(new CertificateChainInvalidCheck()).message()).contains("clientAuth");
    }

    @Test
    void should_report_mdx0507_for_a_credential_that_does_not_come() {
        proxies.add(ProxyCertificates.of(
                pod("gateway"),
                "gateway",
                TestCertificates.parse(ROOT.leaf(identity("gateway"))),
                List.of(ROOT.info()),
                List.of(),
                List.of("kubernetes://shop-tls")));

        Finding finding = only(new GatewayCertificateMissingCheck());

        assertThat(finding.code()).isEqualTo("MDX0507");
        assertThat(finding.remedy()).contains("kubectl -n shop get secret shop-tls");
        assertThat(run(new WorkloadCertificateMissingCheck())).isEmpty();
    }

    @Test
    void should_report_mdx0508_for_a_proxy_without_its_own_certificate_but_not_while_one_is_renewed() {
        proxies.add(ProxyCertificates.of(pod("new"), "new", null, List.of(), List.of(), List.of("default", "ROOTCA")));

        Finding finding = only(new WorkloadCertificateMissingCheck());

        assertThat(finding.code()).isEqualTo("MDX0508");
        assertThat(run(new GatewayCertificateMissingCheck())).isEmpty();

        proxies.remove(2);
        proxies.add(ProxyCertificates.of(
                pod("renewing"),
                "renewing",
                TestCertificates.parse(ROOT.leaf(identity("renewing"))),
                List.of(ROOT.info()),
                List.of(),
                List.of("default")));
        assertThat(run(new WorkloadCertificateMissingCheck())).isEmpty();
    }
}
