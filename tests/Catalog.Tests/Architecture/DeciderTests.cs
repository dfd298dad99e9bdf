using Mono.Cecil;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>Deciding and folding touch nothing: no clock, no ids, no files, no network, no database.</summary>
public sealed class DeciderTests
{
    private static readonly string[] s_worlds =
    [
        "System.IO", "System.Net", "Marten", "JasperFx", "Weasel", "Npgsql", "MediatR", "FluentValidation", "Microsoft",
        "System.Threading.Tasks", "System.Diagnostics",
    ];

    private static readonly string[] s_things =
    [
        "System.TimeProvider", "System.Random", "System.Environment", "System.Console", "System.Threading.Thread",
        "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly string[] s_members =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Guid.NewGuid", "System.Guid.CreateVersion7",
    ];

    [Fact]
    public void Deciders_are_static_synchronous_and_answer_a_decision()
    {
        Assert.True(Named(Code.Types, "Decide").Count() >= 20, "The deciders were not found.");
        Verdict.None(OfWrongShape(Code.Types).Select(Code.Name));
    }

    [Fact]
    public void A_decider_of_the_wrong_shape_is_found() =>
        Assert.Equal(
            ["Decide(System.Int32)", "Decide(System.String)"],
            OfWrongShape(Code.BadExamples).Select(Short).Order(StringComparer.Ordinal));

    [Fact]
    public void Deciders_touch_nothing_but_their_arguments() => Verdict.None(Named(Code.Types, "Decide").SelectMany(Touched));

    /// <summary>Pages are told when and by whom by the event itself; that is all they know of the store.</summary>
    [Fact]
    public void Folds_touch_nothing_but_their_arguments()
    {
        Assert.True(Named(Code.Types, "Fold").Count(m => !m.IsAbstract) >= 10, "The folds were not found.");
        Verdict.None(Named(Code.Types, "Fold").SelectMany(Touched)
            .Where(t => !t.Contains("JasperFx.Events.IEvent.get_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Folds_are_static_and_synchronous() =>
        Verdict.None(Named(Code.Types, "Fold").Where(m => !m.IsStatic || Code.IsAsync(m)).Select(Code.Name));

    [Theory]
    [InlineData("System.TimeProvider.GetUtcNow")]
    [InlineData("System.Guid.CreateVersion7")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator.GetBytes")]
    public void A_decider_that_touches_the_world_is_found(string touched) =>
        Assert.Contains(Named(Code.BadExamples, "Decide").SelectMany(Touched), t => t.EndsWith($" → {touched}", StringComparison.Ordinal));

    [Fact]
    public void A_fold_that_reads_a_file_is_found() =>
        Assert.Equal(
            ["Catalog.Tests.Architecture.BadExamples/Deciders.Fold → System.IO.File.ReadAllText"],
            Named(Code.BadExamples, "Fold").SelectMany(Touched));

    private static IEnumerable<MethodDefinition> Named(IEnumerable<TypeDefinition> types, string name) =>
        types.SelectMany(t => t.Methods).Where(m => m.Name == name);

    private static IEnumerable<MethodDefinition> OfWrongShape(IEnumerable<TypeDefinition> types) =>
        Named(types, "Decide").Where(m => !m.IsStatic || Code.IsAsync(m) || m.ReturnType.FullName != "Catalog.Decision");

    /// <summary>Calls out of our own code that reach beyond the arguments, each with the way there.</summary>
    private static IEnumerable<string> Touched(MethodDefinition method) =>
        from reached in Code.Reachable(method)
        from call in Code.Calls(reached.Key)
        where IsOfTheWorld(call)
        select $"{reached.Value} → {Code.Name(call)}";

    private static bool IsOfTheWorld(MethodReference call)
    {
        var ns = Code.Namespace(call.DeclaringType);

        // Compilers let iterators ask which thread made them.
        return call.Name != "get_CurrentManagedThreadId"
            && (Array.Exists(s_worlds, w => ns == w || ns.StartsWith(w + ".", StringComparison.Ordinal))
                || s_things.Contains(call.DeclaringType.FullName, StringComparer.Ordinal)
                || s_members.Contains(Code.Name(call), StringComparer.Ordinal));
    }

    private static string Short(MethodDefinition method) =>
        $"{method.Name}({string.Join(", ", method.Parameters.Select(p => p.ParameterType.FullName))})";
}
