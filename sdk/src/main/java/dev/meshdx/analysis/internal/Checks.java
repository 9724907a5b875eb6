package dev.meshdx.analysis.internal;

import dev.meshdx.analysis.AnalysisOptions;
import dev.meshdx.analysis.internal.checks.AlphaAnnotationCheck;
import dev.meshdx.analysis.internal.checks.AmbientSidecarCheck;
import dev.meshdx.analysis.internal.checks.AnnotationCheck;
import dev.meshdx.analysis.internal.checks.ApplicationUidCheck;
import dev.meshdx.analysis.internal.checks.AuthorizationPolicyNamespaceCheck;
import dev.meshdx.analysis.internal.checks.AuthorizationPolicyWorkloadCheck;
import dev.meshdx.analysis.internal.checks.ClusterServicesCheck;
import dev.meshdx.analysis.internal.checks.ConditionCheck;
import dev.meshdx.analysis.internal.checks.ConflictingGatewayCheck;
import dev.meshdx.analysis.internal.checks.ConflictingHostsCheck;
import dev.meshdx.analysis.internal.checks.ConflictingSidecarsCheck;
import dev.meshdx.analysis.internal.checks.DefaultTelemetryCheck;
import dev.meshdx.analysis.internal.checks.DeploymentServicesCheck;
import dev.meshdx.analysis.internal.checks.DeprecatedDefinitionCheck;
import dev.meshdx.analysis.internal.checks.DeprecatedFieldCheck;
import dev.meshdx.analysis.internal.checks.DestinationRuleCaCheck;
import dev.meshdx.analysis.internal.checks.DestinationRuleHostCheck;
import dev.meshdx.analysis.internal.checks.DestinationRuleSubsetCheck;
import dev.meshdx.analysis.internal.checks.EnvoyFilterPatchCheck;
import dev.meshdx.analysis.internal.checks.ExternalControlPlaneCheck;
import dev.meshdx.analysis.internal.checks.GatewayApiServedCheck;
import dev.meshdx.analysis.internal.checks.GatewayApiVersionCheck;
import dev.meshdx.analysis.internal.checks.GatewayCertificateCheck;
import dev.meshdx.analysis.internal.checks.GatewayCredentialCheck;
import dev.meshdx.analysis.internal.checks.GatewayPodSelectorCheck;
import dev.meshdx.analysis.internal.checks.GatewayPortCheck;
import dev.meshdx.analysis.internal.checks.GatewaySharedCertificateCheck;
import dev.meshdx.analysis.internal.checks.GatewayWorkloadCheck;
import dev.meshdx.analysis.internal.checks.IngressRouteCheck;
import dev.meshdx.analysis.internal.checks.InjectionWebhookCheck;
import dev.meshdx.analysis.internal.checks.InternalGatewayCheck;
import dev.meshdx.analysis.internal.checks.JwksFetchCheck;
import dev.meshdx.analysis.internal.checks.JwtClaimRouteCheck;
import dev.meshdx.analysis.internal.checks.LightstepProviderCheck;
import dev.meshdx.analysis.internal.checks.LocalhostListenerCheck;
import dev.meshdx.analysis.internal.checks.MeshNetworksCheck;
import dev.meshdx.analysis.internal.checks.MtlsConflictCheck;
import dev.meshdx.analysis.internal.checks.MtlsWithoutProxyCheck;
import dev.meshdx.analysis.internal.checks.NamespaceInjectionCheck;
import dev.meshdx.analysis.internal.checks.PortNameCheck;
import dev.meshdx.analysis.internal.checks.ProxyImageAutoCheck;
import dev.meshdx.analysis.internal.checks.ProxyImageCheck;
import dev.meshdx.analysis.internal.checks.ServiceEntryAddressesCheck;
import dev.meshdx.analysis.internal.checks.ServiceEntryProtocolCheck;
import dev.meshdx.analysis.internal.checks.SidecarSelectorCheck;
import dev.meshdx.analysis.internal.checks.TelemetryConflictCheck;
import dev.meshdx.analysis.internal.checks.TelemetryProviderCheck;
import dev.meshdx.analysis.internal.checks.TelemetrySelectorCheck;
import dev.meshdx.analysis.internal.checks.VirtualServiceDestinationCheck;
import dev.meshdx.analysis.internal.checks.VirtualServiceGatewayCheck;
import dev.meshdx.analysis.internal.checks.VirtualServiceSubsetCheck;
import dev.meshdx.analysis.internal.checks.ambient.DataPlaneModeCheck;
import dev.meshdx.analysis.internal.checks.ambient.DestinationRuleAmbientCheck;
import dev.meshdx.analysis.internal.checks.ambient.IgnoredPolicyCheck;
import dev.meshdx.analysis.internal.checks.ambient.PolicyTargetCheck;
import dev.meshdx.analysis.internal.checks.ambient.PolicyWaypointCheck;
import dev.meshdx.analysis.internal.checks.ambient.RouteWaypointCheck;
import dev.meshdx.analysis.internal.checks.ambient.VirtualServiceAmbientCheck;
import dev.meshdx.analysis.internal.checks.ambient.WaypointLabelCheck;
import dev.meshdx.analysis.internal.checks.ambient.ZtunnelPolicyCheck;
import dev.meshdx.analysis.internal.checks.gateway.GatewayCertificateExpiryCheck;
import dev.meshdx.analysis.internal.checks.gateway.GatewayCertificateHostsCheck;
import dev.meshdx.analysis.internal.checks.gateway.GatewayClassCheck;
import dev.meshdx.analysis.internal.checks.gateway.GatewayClientAuthorityCheck;
import dev.meshdx.analysis.internal.checks.gateway.ListenerCertificateCheck;
import dev.meshdx.analysis.internal.checks.gateway.ListenerConflictCheck;
import dev.meshdx.analysis.internal.checks.gateway.ReferenceGrantNamespaceCheck;
import dev.meshdx.analysis.internal.checks.gateway.RouteBackendCheck;
import dev.meshdx.analysis.internal.checks.gateway.RouteParentCheck;
import dev.meshdx.analysis.internal.checks.platform.ApiVersionCheck;
import dev.meshdx.analysis.internal.checks.platform.EnvoyFilterMatchCheck;
import dev.meshdx.analysis.internal.checks.platform.RevisionCheck;
import dev.meshdx.analysis.internal.checks.policy.AuthenticationSelectorCheck;
import dev.meshdx.analysis.internal.checks.policy.CompetingPeerAuthenticationsCheck;
import dev.meshdx.analysis.internal.checks.policy.ExportToCheck;
import dev.meshdx.analysis.internal.checks.policy.HttpMethodCheck;
import dev.meshdx.analysis.internal.checks.policy.OperationHostCheck;
import dev.meshdx.analysis.internal.checks.policy.PeerIdentityCheck;
import dev.meshdx.analysis.internal.checks.policy.PortLevelMtlsCheck;
import dev.meshdx.analysis.internal.checks.policy.PrincipalCheck;
import dev.meshdx.analysis.internal.checks.policy.UnprotectedWorkloadCheck;
import dev.meshdx.analysis.internal.checks.policy.WideMtlsCheck;
import dev.meshdx.analysis.internal.checks.routing.ConnectTimeoutCheck;
import dev.meshdx.analysis.internal.checks.routing.DuplicateDestinationCheck;
import dev.meshdx.analysis.internal.checks.routing.DuplicateServiceEntryPortCheck;
import dev.meshdx.analysis.internal.checks.routing.FaultDelayCheck;
import dev.meshdx.analysis.internal.checks.routing.GatewayStreamRouteCheck;
import dev.meshdx.analysis.internal.checks.routing.HttpPolicyProtocolCheck;
import dev.meshdx.analysis.internal.checks.routing.HttpSettingsProtocolCheck;
import dev.meshdx.analysis.internal.checks.routing.MatchGatewayCheck;
import dev.meshdx.analysis.internal.checks.routing.OverlappingDestinationRuleCheck;
import dev.meshdx.analysis.internal.checks.routing.RetryTimeoutCheck;
import dev.meshdx.analysis.internal.checks.routing.RootSidecarSelectorCheck;
import dev.meshdx.analysis.internal.checks.routing.RouteProtocolCheck;
import dev.meshdx.analysis.internal.checks.routing.ServiceTargetPortCheck;
import dev.meshdx.analysis.internal.checks.routing.SidecarEgressHostCheck;
import dev.meshdx.analysis.internal.checks.routing.SidecarOutboundModeCheck;
import dev.meshdx.analysis.internal.checks.routing.SingleDestinationWeightCheck;
import dev.meshdx.analysis.internal.checks.routing.SubsetWithoutLabelsCheck;
import dev.meshdx.analysis.internal.checks.routing.WorkloadGroupAccountCheck;
import dev.meshdx.analysis.internal.checks.routing.WorkloadGroupLabelsCheck;
import dev.meshdx.analysis.internal.checks.schema.AnnotationValueCheck;
import dev.meshdx.analysis.internal.checks.schema.AuthorizationPolicySchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.DestinationRuleSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.EnvoyFilterSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.GatewaySchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.PeerAuthenticationSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.ProxyConfigSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.RequestAuthenticationSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.ServiceEntrySchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.SidecarSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.TelemetrySchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.TrafficExtensionSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.VirtualServiceReachabilityCheck;
import dev.meshdx.analysis.internal.checks.schema.VirtualServiceSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.WasmPluginSchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.WorkloadEntrySchemaCheck;
import dev.meshdx.analysis.internal.checks.schema.WorkloadGroupSchemaCheck;
import dev.meshdx.analysis.internal.checks.visibility.CompetingRulesCheck;
import dev.meshdx.analysis.internal.checks.visibility.ExportedToNobodyCheck;
import dev.meshdx.analysis.internal.checks.visibility.ExportedToOthersCheck;
import dev.meshdx.analysis.internal.checks.visibility.PathVariantCheck;
import dev.meshdx.analysis.internal.checks.visibility.ShadowedRouteCheck;
import dev.meshdx.analysis.internal.checks.visibility.SidecarHostCheck;
import dev.meshdx.analysis.internal.checks.visibility.SidecarRouteCheck;
import dev.meshdx.analysis.internal.checks.visibility.UnregisteredHostCheck;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.source.Session;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The registry: one line a check. */
public final class Checks {
    private static final List<ConfigurationCheck> ALL = List.of(
            new VirtualServiceDestinationCheck(),
            new VirtualServiceSubsetCheck(),
            new VirtualServiceGatewayCheck(),
            new GatewayWorkloadCheck(),
            new GatewayCredentialCheck(),
            new GatewayPortCheck(),
            new AuthorizationPolicyNamespaceCheck(),
            new SidecarSelectorCheck(),
            new TelemetrySelectorCheck(),
            new NamespaceInjectionCheck(),
            new AnnotationCheck(),
            new AlphaAnnotationCheck(),
            new ConflictingHostsCheck(),
            new PortNameCheck(),
            new MtlsConflictCheck(),
            new AuthorizationPolicySchemaCheck(),
            new DestinationRuleSchemaCheck(),
            new GatewaySchemaCheck(),
            new PeerAuthenticationSchemaCheck(),
            new RequestAuthenticationSchemaCheck(),
            new ServiceEntrySchemaCheck(),
            new SidecarSchemaCheck(),
            new VirtualServiceSchemaCheck(),
            new EnvoyFilterSchemaCheck(),
            new WorkloadEntrySchemaCheck(),
            new WorkloadGroupSchemaCheck(),
            new ProxyConfigSchemaCheck(),
            new TelemetrySchemaCheck(),
            new WasmPluginSchemaCheck(),
            new TrafficExtensionSchemaCheck(),
            new AuthorizationPolicyWorkloadCheck(),
            new ConflictingSidecarsCheck(),
            new DeploymentServicesCheck(),
            new DestinationRuleCaCheck(),
            new ServiceEntryAddressesCheck(),
            new GatewaySharedCertificateCheck(),
            new InjectionWebhookCheck(),
            new IngressRouteCheck(),
            new MeshNetworksCheck(),
            new DeprecatedFieldCheck(),
            new DeprecatedDefinitionCheck(),
            new LightstepProviderCheck(),
            new VirtualServiceReachabilityCheck(),
            new AnnotationValueCheck(),
            new LocalhostListenerCheck(),
            new ApplicationUidCheck(),
            new ConflictingGatewayCheck(),
            new ProxyImageAutoCheck(),
            new JwtClaimRouteCheck(),
            new EnvoyFilterPatchCheck(),
            new TelemetryProviderCheck(),
            new ProxyImageCheck(),
            new TelemetryConflictCheck(),
            new DefaultTelemetryCheck(),
            new GatewayCertificateCheck(),
            new ExternalControlPlaneCheck(),
            new InternalGatewayCheck(),
            new GatewayPodSelectorCheck(),
            new AmbientSidecarCheck(),
            new ClusterServicesCheck(),
            new ConditionCheck(),
            new DestinationRuleSubsetCheck(),
            new DestinationRuleHostCheck(),
            new JwksFetchCheck(),
            new GatewayApiVersionCheck(),
            new GatewayApiServedCheck(),
            new ServiceEntryProtocolCheck(),
            // Policies: mutual TLS, identities, authorization.
            new CompetingPeerAuthenticationsCheck(),
            new AuthenticationSelectorCheck(),
            new ExportToCheck(),
            new HttpMethodCheck(),
            new OperationHostCheck(),
            new PeerIdentityCheck(),
            new PrincipalCheck(),
            new WideMtlsCheck(),
            new MtlsWithoutProxyCheck(),
            new UnprotectedWorkloadCheck(),
            new PortLevelMtlsCheck(),
            // Routing, services, Gateway API.
            new OverlappingDestinationRuleCheck(),
            new SubsetWithoutLabelsCheck(),
            new ServiceTargetPortCheck(),
            new SidecarEgressHostCheck(),
            new RootSidecarSelectorCheck(),
            new SidecarOutboundModeCheck(),
            new SingleDestinationWeightCheck(),
            new DuplicateDestinationCheck(),
            new GatewayStreamRouteCheck(),
            new MatchGatewayCheck(),
            new DuplicateServiceEntryPortCheck(),
            new WorkloadGroupAccountCheck(),
            new WorkloadGroupLabelsCheck(),
            new RouteParentCheck(),
            new RouteBackendCheck(),
            new ListenerConflictCheck(),
            new GatewayClassCheck(),
            new ReferenceGrantNamespaceCheck(),
            // Ambient mode.
            new PolicyWaypointCheck(),
            new ZtunnelPolicyCheck(),
            new IgnoredPolicyCheck(),
            new PolicyTargetCheck(),
            new WaypointLabelCheck(),
            new DataPlaneModeCheck(),
            new RouteWaypointCheck(),
            new VirtualServiceAmbientCheck(),
            new DestinationRuleAmbientCheck(),
            // What contradicts or hides something else.
            new ShadowedRouteCheck(),
            new SidecarHostCheck(),
            new ExportedToOthersCheck(),
            new SidecarRouteCheck(),
            new ExportedToNobodyCheck(),
            new UnregisteredHostCheck(),
            new CompetingRulesCheck(),
            new PathVariantCheck(),
            // Secrets, protocols, timeouts, patches.
            new RetryTimeoutCheck(),
            new FaultDelayCheck(),
            new ConnectTimeoutCheck(),
            new ApiVersionCheck(),
            new ListenerCertificateCheck(),
            new GatewayCertificateHostsCheck(),
            new GatewayCertificateExpiryCheck(),
            new GatewayClientAuthorityCheck(),
            new RouteProtocolCheck(),
            new HttpSettingsProtocolCheck(),
            new HttpPolicyProtocolCheck(),
            new EnvoyFilterMatchCheck(),
            new RevisionCheck());

    private Checks() {}

    /** All checks, in the order in which they run. */
    public static List<ConfigurationCheck> all() {
        return ALL;
    }

    /**
     * All checks, those that the class path offers as services, and those of the caller. One that cannot be loaded is a gap.
     */
    static List<ConfigurationCheck> with(Session session, AnalysisOptions options) {
        List<ConfigurationCheck> checks = new ArrayList<>(ALL);
        Iterator<ConfigurationCheck> offered =
                ServiceLoader.load(ConfigurationCheck.class).iterator();
        while (true) {
            try {
                if (!offered.hasNext()) {
                    break;
                }
                checks.add(offered.next());
            } catch (ServiceConfigurationError e) {
                session.gap(Inconclusive.of(
                        "a check of the class path",
                        null,
                        Reason.UNSUPPORTED,
                        "A check that the class path offers cannot be loaded: " + e.getMessage(),
                        "Mend its class or its entry in META-INF/services/" + ConfigurationCheck.class.getName()
                                + "."));
            }
        }
        checks.addAll(options.checks());
        return checks;
    }

    /** All codes that they may report, sorted. */
    public static List<FindingCode> codes() {
        return ALL.stream()
                .flatMap(check -> check.codes().stream())
                .distinct()
                .sorted()
                .toList();
    }
}
