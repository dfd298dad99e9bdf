using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Catalog.Tests.Architecture;

/// <summary>Our own assemblies as compiled, for rules about what code calls and names.</summary>
internal static class Code
{
    private static readonly DefaultAssemblyResolver s_resolver = Resolver();

    /// <summary>The projects of the design.</summary>
    public static readonly IReadOnlyList<string> Projects =
        ["Catalog.Core", "Catalog.Hot", "Catalog.Storage", "Catalog", "Catalog.Server", "Catalog.Sdk", "Catalog.Cli"];

    private static readonly IReadOnlyList<TypeDefinition> s_types = [.. Projects.SelectMany(p => TypesOf(Load(p)))];

    private static readonly IReadOnlyList<TypeDefinition> s_badExamples =
        [.. TypesOf(Load("Catalog.Tests")).Where(t => Outermost(t).FullName == typeof(BadExamples).FullName)];

    /// <summary>Every type of them, nested and generated ones too.</summary>
    public static IReadOnlyList<TypeDefinition> Types => s_types;

    /// <summary>Types that break the rules on purpose: a rule that does not flag them cannot fail.</summary>
    public static IReadOnlyList<TypeDefinition> BadExamples => s_badExamples;

    public static AssemblyDefinition Load(string name) => s_resolver.Resolve(new AssemblyNameReference(name, new Version(0, 0)));

    public static bool IsOurs(string? ns) => ns == "Catalog" || ns?.StartsWith("Catalog.", StringComparison.Ordinal) == true;

    /// <summary>The type as a person wrote it, around all nested and generated ones.</summary>
    public static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    public static bool IsGenerated(TypeDefinition type) => type.Name.Contains('<', StringComparison.Ordinal);

    public static bool Implements(TypeDefinition type, string contract) =>
        type.Interfaces.Any(i => i.InterfaceType.GetElementType().FullName == contract)
        || (type.BaseType?.Resolve() is { } parent && Implements(parent, contract));

    /// <summary>What one method calls, constructs or takes the address of, in the order of the code.</summary>
    public static IEnumerable<MethodReference> Calls(MethodDefinition method) =>
        method.HasBody ? method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>() : [];

    /// <summary>
    /// A method as it was written: with its lambdas and local functions, and the state machine of an async method or iterator.
    /// </summary>
    public static IReadOnlyList<MethodDefinition> Whole(MethodDefinition method)
    {
        var found = new List<MethodDefinition>();
        var waiting = new Stack<MethodDefinition>([method]);
        while (waiting.TryPop(out var next))
        {
            if (found.Contains(next))
                continue;
            found.Add(next);
            foreach (var part in StateMachine(next).Concat(Calls(next).Where(c => IsLocalTo(c, next)).Select(c => c.Resolve())))
                waiting.Push(part);
        }

        return found;
    }

    public static bool IsAsync(MethodDefinition method) =>
        method.CustomAttributes.Any(a => a.AttributeType.Name is "AsyncStateMachineAttribute" or "AsyncIteratorStateMachineAttribute");

    /// <summary>Our own methods that a method leads to, however indirectly; each with the way there.</summary>
    public static IReadOnlyDictionary<MethodDefinition, string> Reachable(MethodDefinition from)
    {
        var found = new Dictionary<MethodDefinition, string>();
        var waiting = new Queue<(MethodDefinition Method, string Way)>([(from, Name(from))]);
        while (waiting.TryDequeue(out var next))
        {
            if (!found.TryAdd(next.Method, next.Way))
                continue;
            foreach (var part in StateMachine(next.Method))
                waiting.Enqueue((part, next.Way));
            foreach (var call in Calls(next.Method).Where(c => IsOurs(Namespace(c.DeclaringType))))
            {
                if (call.Resolve() is { } ours)
                    waiting.Enqueue((ours, $"{next.Way} → {Name(ours)}"));
            }
        }

        return found;
    }

    public static string Namespace(TypeReference type) =>
        type.DeclaringType is { } outer ? Namespace(outer) : type.GetElementType().Namespace;

    public static string Name(MethodReference method) => $"{method.DeclaringType.FullName}.{method.Name}";

    private static IEnumerable<TypeDefinition> TypesOf(AssemblyDefinition assembly) => assembly.MainModule.Types.SelectMany(WithNested);

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    private static IEnumerable<MethodDefinition> StateMachine(MethodDefinition method) =>
        method.CustomAttributes
            .Where(a => a.AttributeType.Name.EndsWith("StateMachineAttribute", StringComparison.Ordinal))
            .Select(a => ((TypeReference)a.ConstructorArguments[0].Value).Resolve())
            .SelectMany(machine => machine.Methods.Where(m => m.Name == "MoveNext"));

    /// <summary>Compilers put lambdas and local functions in members whose names no person can write.</summary>
    private static bool IsLocalTo(MethodReference call, MethodDefinition method) =>
        call.DeclaringType.GetElementType().Scope == method.Module
        && (call.Name.StartsWith('<') || call.DeclaringType.Name.StartsWith('<'))
        && call.Resolve() is { } resolved && Outermost(resolved.DeclaringType) == Outermost(method.DeclaringType);

    private static DefaultAssemblyResolver Resolver()
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location));
        return resolver;
    }
}
