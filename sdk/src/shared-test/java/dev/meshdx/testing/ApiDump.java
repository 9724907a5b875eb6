package dev.meshdx.testing;

import dev.meshdx.annotation.Internal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public surface of a module as text: what its exported packages show, one member a line, sorted. */
public final class ApiDump {
    private ApiDump() {}

    /** The text for the compiled module in a folder. */
    public static String of(Path classes) {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : exportedTypes(classes)) {
            lines.add(header(type));
            TreeSet<String> members = new TreeSet<>();
            for (Field field : type.getDeclaredFields()) {
                if (visible(field, field)) {
                    members.add("  " + modifiers(field) + name(field.getGenericType()) + " " + field.getName());
                }
            }
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (visible(constructor, constructor) && !type.isEnum()) {
                    members.add("  new " + parameters(constructor));
                }
            }
            for (Method method : type.getDeclaredMethods()) {
                if (visible(method, method) && !method.isBridge()) {
                    members.add("  " + modifiers(method) + name(method.getGenericReturnType()) + " " + method.getName()
                            + parameters(method));
                }
            }
            lines.addAll(members);
        }
        return String.join("\n", lines) + "\n";
    }

    /** The public types of the exported packages, nested ones included, sorted; without those marked internal. */
    public static List<Class<?>> exportedTypes(Path classes) {
        Set<String> exported = exportedPackages(classes);
        try (Stream<Path> files = Files.walk(classes)) {
            List<Class<?>> types = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                String name = classes.relativize(file).toString().replace('\\', '/');
                if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                    Class<?> type = Class.forName(
                            name.substring(0, name.length() - 6).replace('/', '.'),
                            false,
                            ApiDump.class.getClassLoader());
                    if (exported.contains(type.getPackageName()) && isPublic(type)) {
                        types.add(type);
                    }
                }
            }
            types.sort((a, b) -> a.getName().compareTo(b.getName()));
            return types;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The packages that a module exports to everybody. */
    public static Set<String> exportedPackages(Path classes) {
        try (InputStream module = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(module).exports().stream()
                    .filter(exports -> !exports.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        for (Class<?> at = type; at != null; at = at.getDeclaringClass()) {
            if (!Modifier.isPublic(at.getModifiers())
                    || at.isAnonymousClass()
                    || at.isAnnotationPresent(Internal.class)) {
                return false;
            }
        }
        return true;
    }

    /** Whether users of the module see a member. */
    public static boolean visible(Member member, AnnotatedElement annotated) {
        return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                && !member.isSynthetic()
                && !annotated.isAnnotationPresent(Internal.class);
    }

    private static String header(Class<?> type) {
        String what = type.isAnnotation()
                ? "@interface"
                : type.isRecord() ? "record" : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        String modifier = type.isInterface() || type.isEnum() || type.isRecord()
                ? (type.isSealed() ? "sealed " : "")
                : Modifier.isFinal(type.getModifiers()) ? "final " : type.isSealed() ? "sealed " : "";
        List<String> supers = new ArrayList<>();
        if (type.getSuperclass() != null
                && !List.of("java.lang.Object", "java.lang.Record", "java.lang.Enum")
                        .contains(type.getSuperclass().getName())) {
            supers.add(name(type.getGenericSuperclass()));
        }
        Arrays.stream(type.getGenericInterfaces()).map(ApiDump::name).forEach(supers::add);
        return modifier + what + " " + type.getName() + (supers.isEmpty() ? "" : " : " + String.join(", ", supers));
    }

    private static String modifiers(Member member) {
        return (Modifier.isProtected(member.getModifiers()) ? "protected " : "")
                + (Modifier.isStatic(member.getModifiers()) ? "static " : "")
                + (Modifier.isAbstract(member.getModifiers()) ? "abstract " : "");
    }

    private static String parameters(Executable executable) {
        return Arrays.stream(executable.getGenericParameterTypes())
                .map(ApiDump::name)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String name(Type type) {
        return type.getTypeName().replace("java.lang.", "");
    }
}
