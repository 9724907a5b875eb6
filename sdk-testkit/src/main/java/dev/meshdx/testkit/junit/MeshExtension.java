package dev.meshdx.testkit.junit;

import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Gives each test a fake mesh of its own when it asks for one (a parameter of type {@link FakeMesh}), closes it afterwards, and
 * fails the test on requests that the fake does not know. A mesh that {@code @BeforeAll} asks for is shared by the class.
 *
 * <p>Used through {@link MeshTest}, or registered with a mesh that code makes:
 *
 * <pre>{@code
 * @RegisterExtension
 * MeshExtension extension = MeshExtension.with(() -> FakeMesh.fromYaml(…));
 * }</pre>
 *
 * <p>Safe for tests that run in parallel: the mesh lives in the test's own store.
 */
public final class MeshExtension implements ParameterResolver, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(MeshExtension.class);

    private final @Nullable Supplier<FakeMesh> supplier;
    private final boolean strict;

    /** For {@link MeshTest}. */
    public MeshExtension() {
        this(null, true);
    }

    private MeshExtension(@Nullable Supplier<FakeMesh> supplier, boolean strict) {
        this.supplier = supplier;
        this.strict = strict;
    }

    /** An extension that starts meshes so. */
    public static MeshExtension with(Supplier<FakeMesh> supplier) {
        return new MeshExtension(Objects.requireNonNull(supplier, "supplier"), true);
    }

    /** The same, but requests that the fake does not know do not fail the test. */
    public MeshExtension lenient() {
        return new MeshExtension(supplier, false);
    }

    /** JUnit closes what is in its store. */
    private record Running(FakeMesh mesh) implements AutoCloseable {
        @Override
        public void close() {
            mesh.close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == FakeMesh.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        Running running = store.get(Running.class, Running.class);
        if (running == null) {
            running = new Running(start(context));
            store.put(Running.class, running);
        }
        return running.mesh();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Running running = context.getStore(NAMESPACE).get(Running.class, Running.class);
        boolean checked = strict && annotation(context).map(MeshTest::strict).orElse(true);
        // A test that failed already has something better to say.
        if (running != null && checked && context.getExecutionException().isEmpty()) {
            running.mesh().verifyNoUnexpectedRequests();
        }
    }

    private FakeMesh start(ExtensionContext context) {
        if (supplier != null) {
            return supplier.get();
        }
        Optional<MeshTest> annotation = annotation(context);
        if (annotation.isEmpty()) {
            return FakeMesh.start();
        }
        MeshTest wanted = annotation.get();
        if (!wanted.recording().isEmpty()) {
            if (wanted.yaml().length > 0) {
                throw new ExtensionConfigurationException("@MeshTest has both a recording and YAML: choose one.");
            }
            return FakeMesh.fromRecording(Path.of(wanted.recording()));
        }
        StringBuilder yaml = new StringBuilder();
        for (String name : wanted.yaml()) {
            yaml.append(resource(context.getRequiredTestClass(), name)).append("\n---\n");
        }
        return FakeMesh.fromYaml(yaml.toString());
    }

    private static String resource(Class<?> test, String name) {
        try (InputStream in = test.getResourceAsStream(name)) {
            if (in == null) {
                throw new ExtensionConfigurationException(
                        "There is no resource " + name + " for " + test.getName() + ".");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<MeshTest> annotation(ExtensionContext context) {
        Optional<MeshTest> onMethod =
                context.getTestMethod().flatMap(method -> AnnotationSupport.findAnnotation(method, MeshTest.class));
        return onMethod.or(
                () -> context.getTestClass().flatMap(test -> AnnotationSupport.findAnnotation(test, MeshTest.class)));
    }
}
