package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.model.Json;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Types, enumerations and alternatives of Istio's messages. Source: istio/api, the {@code .proto} files of
 * {@code networking}, {@code security}, {@code telemetry}, {@code extensions} and {@code type}. Unknown fields are not judged: a newer Istio may know
 * them. A number may be written as a text, as protobuf's JSON allows; a text must be a text.
 */
final class Shapes {
    private static final String TABLE = """
            VirtualService hosts:[string] gateways:[string] http:[HTTPRoute] tls:[TLSRoute] tcp:[TCPRoute] exportTo:[string]
            HTTPRoute name:string match:[HTTPMatch] route:[HTTPDestination] redirect:HTTPRedirect directResponse:DirectResponse delegate:Delegate rewrite:HTTPRewrite timeout:duration retries:Retry fault:Fault mirror:Destination mirrors:[Mirror] mirrorPercent:int mirrorPercentage:Percent corsPolicy:CorsPolicy headers:Headers
            HTTPMatch name:string uri:StringMatch scheme:StringMatch method:StringMatch authority:StringMatch headers:map(StringMatch) port:int sourceLabels:map(string) gateways:[string] queryParams:map(StringMatch) ignoreUriCase:bool withoutHeaders:map(StringMatch) sourceNamespace:string statPrefix:string
            StringMatch exact:string prefix:string regex:string oneof(exact,prefix,regex)
            HTTPDestination destination:Destination weight:int headers:Headers
            Destination host:string subset:string port:PortSelector
            PortSelector number:int
            Headers request:HeaderOperations response:HeaderOperations
            HeaderOperations set:map(string) add:map(string) remove:[string]
            HTTPRedirect uri:string prefixRewrite:string authority:string port:int derivePort:enum(FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT) scheme:string redirectCode:int oneof(port,derivePort)
            DirectResponse status:int body:Body
            Body string:string bytes:string oneof(string,bytes)
            Delegate name:string namespace:string
            HTTPRewrite uri:string authority:string uriRegexRewrite:RegexRewrite
            RegexRewrite match:string rewrite:string
            Retry attempts:int perTryTimeout:duration retryOn:string retryRemoteLocalities:bool retryIgnorePreviousHosts:bool backoff:duration
            Fault delay:Delay abort:Abort
            Delay percent:int percentage:Percent fixedDelay:duration exponentialDelay:duration oneof(fixedDelay,exponentialDelay)
            Abort httpStatus:int grpcStatus:string http2Error:string percentage:Percent oneof(httpStatus,grpcStatus,http2Error)
            Percent value:number
            Mirror destination:Destination percentage:Percent
            CorsPolicy allowOrigin:[string] allowOrigins:[StringMatch] allowMethods:[string] allowHeaders:[string] exposeHeaders:[string] maxAge:duration allowCredentials:bool unmatchedPreflights:enum(UNSPECIFIED|FORWARD|IGNORE)
            TLSRoute match:[TLSMatch] route:[RouteDestination]
            TLSMatch sniHosts:[string] destinationSubnets:[string] port:int sourceLabels:map(string) gateways:[string] sourceNamespace:string
            TCPRoute match:[L4Match] route:[RouteDestination]
            L4Match destinationSubnets:[string] port:int sourceSubnet:string sourceLabels:map(string) gateways:[string] sourceNamespace:string
            RouteDestination destination:Destination weight:int
            DestinationRule host:string trafficPolicy:TrafficPolicy subsets:[Subset] exportTo:[string] workloadSelector:TypeSelector
            Subset name:string labels:map(string) trafficPolicy:TrafficPolicy
            TypeSelector matchLabels:map(string)
            TrafficPolicy loadBalancer:LoadBalancer connectionPool:ConnectionPool outlierDetection:OutlierDetection tls:ClientTLS portLevelSettings:[PortPolicy] tunnel:Tunnel proxyProtocol:ProxyProtocol
            PortPolicy port:PortSelector loadBalancer:LoadBalancer connectionPool:ConnectionPool outlierDetection:OutlierDetection tls:ClientTLS
            Tunnel protocol:string targetHost:string targetPort:int
            ProxyProtocol version:enum(V1|V2)
            ClientTLS mode:enum(DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL) clientCertificate:string privateKey:string caCertificates:string credentialName:string subjectAltNames:[string] sni:string insecureSkipVerify:bool caCrl:string
            OutlierDetection consecutiveErrors:int splitExternalLocalOriginErrors:bool consecutiveLocalOriginFailures:int consecutiveGatewayErrors:int consecutive5xxErrors:int interval:duration baseEjectionTime:duration maxEjectionPercent:int minHealthPercent:int
            ConnectionPool tcp:TCPSettings http:HTTPSettings
            TCPSettings maxConnections:int connectTimeout:duration tcpKeepalive:Keepalive maxConnectionDuration:duration idleTimeout:duration
            Keepalive probes:int time:duration interval:duration
            HTTPSettings http1MaxPendingRequests:int http2MaxRequests:int maxRequestsPerConnection:int maxRetries:int idleTimeout:duration h2UpgradePolicy:enum(DEFAULT|DO_NOT_UPGRADE|UPGRADE) useClientProtocol:bool maxConcurrentStreams:int http2KeepAlive:HTTP2KeepAlive
            HTTP2KeepAlive interval:duration timeout:duration
            LoadBalancer simple:enum(UNSPECIFIED|LEAST_CONN|RANDOM|PASSTHROUGH|ROUND_ROBIN|LEAST_REQUEST) consistentHash:ConsistentHash localityLbSetting:LocalityLb zoneAwareLbSetting:ZoneAwareLb warmupDurationSecs:duration warmup:Warmup oneof(simple,consistentHash)
            ConsistentHash httpHeaderName:string httpCookie:Cookie useSourceIp:bool httpQueryParameterName:string minimumRingSize:int ringHash:RingHash maglev:Maglev oneof(httpHeaderName,httpCookie,useSourceIp,httpQueryParameterName) oneof(ringHash,maglev)
            RingHash minimumRingSize:int
            Maglev tableSize:int
            Cookie name:string path:string ttl:duration attributes:[CookieAttribute]
            CookieAttribute name:string value:string
            LocalityLb distribute:[Distribute] failover:[Failover] failoverPriority:[string] enabled:bool
            ZoneAwareLb failover:[Failover] failoverPriority:[string]
            Distribute from:string to:map(int)
            Failover from:string to:string
            Warmup duration:duration minimumPercent:number aggression:number
            Gateway servers:[Server] selector:map(string)
            Server port:Port bind:string hosts:[string] tls:ServerTLS defaultEndpoint:string name:string
            Port number:int protocol:string name:string targetPort:int
            ServerTLS httpsRedirect:bool mode:enum(PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL) serverCertificate:string privateKey:string caCertificates:string caCrl:string credentialName:string credentialNames:[string] tlsCertificates:[TLSCertificate] subjectAltNames:[string] verifyCertificateSpki:[string] verifyCertificateHash:[string] minProtocolVersion:enum(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3) maxProtocolVersion:enum(TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3) cipherSuites:[string]
            TLSCertificate serverCertificate:string privateKey:string caCertificates:string
            ServiceEntry hosts:[string] addresses:[string] ports:[ServicePort] location:enum(MESH_EXTERNAL|MESH_INTERNAL) resolution:enum(NONE|STATIC|DNS|DNS_ROUND_ROBIN|DYNAMIC_DNS) endpoints:[WorkloadEntry] exportTo:[string] subjectAltNames:[string] workloadSelector:LabelSelector
            ServicePort number:int protocol:string name:string targetPort:int
            WorkloadEntry address:string ports:map(int) labels:map(string) network:string locality:string weight:int serviceAccount:string
            LabelSelector labels:map(string)
            PeerAuthentication selector:TypeSelector mtls:MutualTLS portLevelMtls:map(MutualTLS)
            MutualTLS mode:enum(UNSET|DISABLE|PERMISSIVE|STRICT)
            RequestAuthentication selector:TypeSelector targetRef:TargetRef targetRefs:[TargetRef] jwtRules:[JWTRule]
            TargetRef group:string kind:string name:string namespace:string
            JWTRule issuer:string audiences:[string] jwksUri:string jwks:string fromHeaders:[JWTHeader] fromParams:[string] fromCookies:[string] outputPayloadToHeader:string forwardOriginalToken:bool outputClaimToHeaders:[ClaimToHeader] timeout:duration
            JWTHeader name:string prefix:string
            ClaimToHeader header:string claim:string
            AuthorizationPolicy selector:TypeSelector targetRef:TargetRef targetRefs:[TargetRef] rules:[Rule] action:enum(ALLOW|DENY|AUDIT|CUSTOM) provider:Provider
            Provider name:string
            Rule from:[From] to:[To] when:[Condition]
            From source:Source
            Source principals:[string] notPrincipals:[string] requestPrincipals:[string] notRequestPrincipals:[string] namespaces:[string] notNamespaces:[string] ipBlocks:[string] notIpBlocks:[string] remoteIpBlocks:[string] notRemoteIpBlocks:[string] serviceAccounts:[string] notServiceAccounts:[string] trustDomains:[string] notTrustDomains:[string]
            To operation:Operation
            Operation hosts:[string] notHosts:[string] ports:[string] notPorts:[string] methods:[string] notMethods:[string] paths:[string] notPaths:[string]
            Condition key:string values:[string] notValues:[string]
            MeshProxyConfig configPath:string binaryPath:string serviceCluster:string drainDuration:duration discoveryAddress:string statsdUdpAddress:string proxyAdminPort:int controlPlaneAuthPolicy:enum(NONE|MUTUAL_TLS) customConfigFile:string statNameLength:int concurrency:int proxyBootstrapTemplatePath:string interceptionMode:enum(REDIRECT|TPROXY|NONE) tracing:MeshTracing envoyAccessLogService:RemoteService envoyMetricsService:RemoteService proxyMetadata:map(string) runtimeValues:map(string) statusPort:int extraStatTags:[string] terminationDrainDuration:duration meshId:string holdApplicationUntilProxyStarts:bool caCertificatesPem:[string] proxyHeaders:MeshProxyHeaders
            MeshProxyHeaders
            RemoteService address:string
            MeshTracing zipkin:RemoteService lightstep:RemoteService datadog:RemoteService stackdriver:MeshTracingAny openCensusAgent:MeshTracingAny sampling:number maxPathTagLength:int oneof(zipkin,lightstep,datadog,stackdriver,openCensusAgent)
            MeshTracingAny
            Sidecar workloadSelector:LabelSelector ingress:[IngressListener] egress:[EgressListener] inboundConnectionPool:ConnectionPool outboundTrafficPolicy:OutboundPolicy
            IngressListener port:Port bind:string captureMode:enum(DEFAULT|IPTABLES|NONE) defaultEndpoint:string tls:ServerTLS connectionPool:ConnectionPool
            EgressListener port:Port bind:string captureMode:enum(DEFAULT|IPTABLES|NONE) hosts:[string]
            OutboundPolicy mode:enum(REGISTRY_ONLY|ALLOW_ANY|ALLOW_ANY_DYNAMIC_DNS) egressProxy:Destination
            EnvoyFilter workloadSelector:LabelSelector targetRefs:[TargetRef] configPatches:[ConfigPatch] priority:int
            ConfigPatch applyTo:enum(INVALID|LISTENER|FILTER_CHAIN|NETWORK_FILTER|HTTP_FILTER|ROUTE_CONFIGURATION|VIRTUAL_HOST|HTTP_ROUTE|CLUSTER|EXTENSION_CONFIG|BOOTSTRAP|LISTENER_FILTER) match:ObjectMatch patch:Patch
            Patch operation:enum(INVALID|MERGE|ADD|REMOVE|INSERT_BEFORE|INSERT_AFTER|INSERT_FIRST|REPLACE|MERGE_AND_REPLACE_LIST) value:object filterClass:enum(UNSPECIFIED|AUTHN|AUTHZ|STATS)
            ObjectMatch context:enum(ANY|SIDECAR_INBOUND|SIDECAR_OUTBOUND|GATEWAY|WAYPOINT) proxy:ProxyMatch listener:ListenerMatch routeConfiguration:RouteConfigurationMatch cluster:ClusterMatch waypoint:WaypointMatch oneof(listener,routeConfiguration,cluster,waypoint)
            ProxyMatch proxyVersion:string metadata:map(string)
            ListenerMatch portNumber:int portName:string filterChain:FilterChainMatch listenerFilter:string name:string
            FilterChainMatch name:string sni:string transportProtocol:string applicationProtocols:string filter:FilterMatch destinationPort:int transportSocket:string
            FilterMatch name:string subFilter:SubFilterMatch
            SubFilterMatch name:string
            RouteConfigurationMatch portNumber:int portName:string gateway:string vhost:VirtualHostMatch name:string
            VirtualHostMatch name:string domainName:string route:RouteMatch
            RouteMatch name:string action:enum(ANY|ROUTE|REDIRECT|DIRECT_RESPONSE)
            ClusterMatch portNumber:int service:string subset:string name:string
            WaypointMatch filter:FilterMatch portNumber:int route:RouteMatch
            WorkloadGroup metadata:GroupMetadata template:WorkloadEntry probe:Probe
            GroupMetadata labels:map(string) annotations:map(string)
            Probe initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int failureThreshold:int httpGet:HTTPProbe tcpSocket:TCPProbe exec:ExecProbe grpc:GRPCProbe oneof(httpGet,tcpSocket,exec,grpc)
            HTTPProbe path:string port:int host:string scheme:string httpHeaders:[HTTPHeader]
            HTTPHeader name:string value:string
            TCPProbe host:string port:int
            ExecProbe command:[string]
            GRPCProbe port:int service:string
            ProxyConfig selector:TypeSelector concurrency:int environmentVariables:map(string) image:ProxyImage
            ProxyImage imageType:string
            Telemetry selector:TypeSelector targetRef:TargetRef targetRefs:[TargetRef] tracing:[Tracing] metrics:[Metrics] accessLogging:[AccessLogging]
            Tracing match:TracingMatch providers:[Provider] randomSamplingPercentage:number disableSpanReporting:bool disableContextPropagation:bool customTags:map(CustomTag) useRequestIdForTraceSampling:bool enableIstioTags:bool
            TracingMatch mode:enum(CLIENT_AND_SERVER|CLIENT|SERVER)
            CustomTag literal:TagValue environment:TagSource header:TagSource formatter:TagValue oneof(literal,environment,header,formatter)
            TagValue value:string
            TagSource name:string defaultValue:string
            Metrics providers:[Provider] overrides:[MetricsOverride] reportingInterval:duration
            MetricsOverride match:MetricSelector disabled:bool tagOverrides:map(TagOverride)
            MetricSelector metric:enum(ALL_METRICS|REQUEST_COUNT|REQUEST_DURATION|REQUEST_SIZE|RESPONSE_SIZE|TCP_OPENED_CONNECTIONS|TCP_CLOSED_CONNECTIONS|TCP_SENT_BYTES|TCP_RECEIVED_BYTES|GRPC_REQUEST_MESSAGES|GRPC_RESPONSE_MESSAGES) customMetric:string mode:enum(CLIENT_AND_SERVER|CLIENT|SERVER) oneof(metric,customMetric)
            TagOverride operation:enum(UPSERT|REMOVE) value:string
            AccessLogging match:TracingMatch providers:[Provider] disabled:bool filter:LogFilter
            LogFilter expression:string
            WasmPlugin selector:TypeSelector targetRef:TargetRef targetRefs:[TargetRef] url:string sha256:string imagePullPolicy:enum(UNSPECIFIED_POLICY|IfNotPresent|Always) imagePullSecret:string verificationKey:string pluginConfig:object pluginName:string phase:enum(UNSPECIFIED_PHASE|AUTHN|AUTHZ|STATS) priority:int failStrategy:enum(FAIL_CLOSE|FAIL_OPEN|FAIL_RELOAD) vmConfig:VMConfig match:[TrafficMatch] type:enum(UNSPECIFIED_PLUGIN_TYPE|HTTP|NETWORK)
            TrafficExtension selector:TypeSelector targetRefs:[TargetRef] match:[TrafficMatch] priority:int wasm:WasmModule lua:LuaScript
            WasmModule url:string sha256:string imagePullPolicy:enum(UNSPECIFIED_POLICY|IfNotPresent|Always) imagePullSecret:string verificationKey:string pluginConfig:object pluginName:string failStrategy:enum(FAIL_CLOSE|FAIL_OPEN|FAIL_RELOAD) vmConfig:VMConfig type:enum(UNSPECIFIED_PLUGIN_TYPE|HTTP|NETWORK)
            LuaScript inlineCode:string
            VMConfig env:[EnvironmentVariable]
            EnvironmentVariable name:string valueFrom:enum(INLINE|HOST) value:string
            TrafficMatch mode:enum(UNDEFINED|CLIENT|SERVER|CLIENT_AND_SERVER) ports:[PortSelector]
            """;

    private record Message(Map<String, String> fields, List<List<String>> alternatives) {}

    private static final Map<String, Message> MESSAGES = parse();

    private Shapes() {}

    private static Map<String, Message> parse() {
        Map<String, Message> messages = new LinkedHashMap<>();
        TABLE.lines().forEach(line -> {
            String[] words = line.trim().split(" ");
            Map<String, String> fields = new LinkedHashMap<>();
            List<List<String>> alternatives = new java.util.ArrayList<>();
            for (String word : Arrays.asList(words).subList(1, words.length)) {
                if (word.startsWith("oneof(")) {
                    alternatives.add(
                            List.of(word.substring(6, word.length() - 1).split(",")));
                } else {
                    int colon = word.indexOf(':');
                    fields.put(word.substring(0, colon), word.substring(colon + 1));
                }
            }
            messages.put(words[0], new Message(fields, alternatives));
        });
        return messages;
    }

    /** Compares a value with a message. */
    static void check(String name, Field value, Problems problems) {
        Message message = MESSAGES.get(name);
        if (message == null || !value.exists()) {
            return;
        }
        if (!value.value().isObject()) {
            problems.error(value, value.path() + " must be an object");
            return;
        }
        for (Field field : value.entries()) {
            String type = message.fields().get(field.name());
            if (type != null && !field.value().isNull()) {
                checkType(type, field, problems);
            }
        }
        for (List<String> alternatives : message.alternatives()) {
            List<String> given = alternatives.stream()
                    .filter(one -> value.value().at(one).exists())
                    .toList();
            if (given.size() > 1) {
                problems.error(value, value.path() + " has " + String.join(" and ", given) + "; only one is allowed");
            }
        }
    }

    private static void checkType(String type, Field field, Problems problems) {
        Json value = field.value();
        if (type.startsWith("[")) {
            if (!value.isArray()) {
                problems.error(field, field.path() + " must be a list");
                return;
            }
            String item = type.substring(1, type.length() - 1);
            field.items().stream().filter(one -> !one.value().isNull()).forEach(one -> checkType(item, one, problems));
        } else if (type.startsWith("map(")) {
            if (!value.isObject()) {
                problems.error(field, field.path() + " must be a map");
                return;
            }
            String item = type.substring(4, type.length() - 1);
            field.entries().stream()
                    .filter(one -> !one.value().isNull())
                    .forEach(one -> checkType(item, one, problems));
        } else if (type.startsWith("enum(")) {
            List<String> values = List.of(type.substring(5, type.length() - 1).split("\\|"));
            if (!value.isNumber() && !(value.isText() && values.contains(value.text("")))) {
                problems.error(
                        field,
                        field.path() + " is " + field.quoted() + ", but must be one of " + String.join(", ", values));
            }
        } else {
            String problem = problem(type, field);
            if (!problem.isEmpty()) {
                problems.error(field, field.path() + " is " + field.quoted() + ", but must be " + problem);
            } else if (MESSAGES.containsKey(type)) {
                check(type, field, problems);
            }
        }
    }

    private static String problem(String type, Field field) {
        Json value = field.value();
        return switch (type) {
            case "string" -> value.isText() ? "" : "a text: put it into quotes";
            case "object" -> value.isObject() ? "" : "an object";
            case "bool" -> value.isBool() ? "" : "true or false";
            case "int" -> isWhole(value) ? "" : "a whole number";
            case "number" -> value.isNumber() || !Double.isNaN(value.decimal(Double.NaN)) ? "" : "a number";
            case "duration" ->
                value.isText() && Durations.parse(value.text("")).isPresent() ? "" : "a duration such as 1.5s or 250ms";
            default -> "";
        };
    }

    private static boolean isWhole(Json value) {
        return value.isNumber()
                ? value.decimal(0) == Math.rint(value.decimal(0))
                : value.isText() && value.number(Long.MIN_VALUE) != Long.MIN_VALUE;
    }
}
