using Catalog.Platform;
using Mono.Cecil;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>One behaviour, handlers that never send, no notifications; and nobody handles anything without asking the gate.</summary>
public sealed class MediationTests
{
    private const string Ask = "Catalog.Access.Gate.Ask";
    private const string Browse = "Catalog.Access.Gate.Browse";

    [Fact]
    public void There_is_one_behaviour_and_it_validates()
    {
        Assert.Equal([typeof(ValidationBehavior<,>).FullName], Behaviours(Code.Types));
        Assert.NotEmpty(Behaviours(Code.BadExamples));
    }

    [Fact]
    public void There_are_no_notifications()
    {
        Verdict.None(Listeners(Code.Types));
        Assert.Equal(["Listener"], Listeners(Code.BadExamples));
    }

    [Fact]
    public void Handlers_never_send()
    {
        Verdict.None(Senders(Code.Types));
        Assert.Equal(["Sending"], Senders(Code.BadExamples));
    }

    [Fact]
    public void Every_handler_asks_the_gate()
    {
        Assert.True(Handlers(Code.Types).Count() >= 30, "The handlers were not found.");
        Verdict.None(NotAsking(Code.Types));
        Assert.Equal(["AskingNobody", "Sending"], NotAsking(Code.BadExamples));
    }

    [Fact]
    public void The_gate_is_asked_before_anything_is_decided()
    {
        Verdict.None(AskingLate(Code.Types));
        Assert.Equal(["AskingTooLate"], AskingLate(Code.BadExamples));
    }

    [Fact]
    public void Every_request_has_one_handler()
    {
        var requests = Code.Types.Where(t => Code.Implements(t, "MediatR.IRequest`1")).Select(t => t.FullName);
        var handled = Handlers(Code.Types)
            .Select(h => h.Interfaces.First(IsHandler).InterfaceType)
            .Cast<GenericInstanceType>().Select(i => i.GenericArguments[0].FullName);

        Assert.Equal(requests.Order(StringComparer.Ordinal), handled.Order(StringComparer.Ordinal));
    }

    private static bool IsHandler(InterfaceImplementation contract) =>
        contract.InterfaceType.GetElementType().FullName == "MediatR.IRequestHandler`2";

    private static IEnumerable<TypeDefinition> Handlers(IEnumerable<TypeDefinition> types) => types.Where(t => t.Interfaces.Any(IsHandler));

    private static IEnumerable<string> Behaviours(IEnumerable<TypeDefinition> types) =>
        types.Where(t => t.Interfaces.Any(i => i.InterfaceType.GetElementType().FullName == "MediatR.IPipelineBehavior`2"
            || i.InterfaceType.Namespace.StartsWith("MediatR.Pipeline", StringComparison.Ordinal))).Select(t => t.FullName);

    private static IEnumerable<string> Listeners(IEnumerable<TypeDefinition> types) =>
        types.Where(t => Code.Implements(t, "MediatR.INotificationHandler`1")).Select(t => t.Name);

    private static IEnumerable<string> Senders(IEnumerable<TypeDefinition> types) =>
        Handlers(types).Where(handler => WithParts(handler).Any(NamesMediator)).Select(Slice);

    private static bool NamesMediator(TypeDefinition type) =>
        type.Fields.Any(f => IsMediator(f.FieldType))
        || type.Methods.Any(m => m.Parameters.Any(p => IsMediator(p.ParameterType)) || Code.Calls(m).Any(c => IsMediator(c.DeclaringType)));

    private static bool IsMediator(TypeReference type) =>
        type.FullName is "MediatR.IMediator" or "MediatR.ISender" or "MediatR.IPublisher" or "MediatR.Mediator";

    private static IEnumerable<string> NotAsking(IEnumerable<TypeDefinition> types) =>
        Handlers(types).Where(h => !HandleOf(h).Any(m => Code.Calls(m).Any(c => Code.Name(c) is Ask or Browse))).Select(Slice);

    /// <summary>Within the one method that asks, no decision comes first.</summary>
    private static IEnumerable<string> AskingLate(IEnumerable<TypeDefinition> types) =>
        Handlers(types).Where(h => HandleOf(h).Any(m => Code.Calls(m).Select(c => c.Name).TakeWhile(c => c != "Ask").Contains("DecideAsync")
            && Code.Calls(m).Any(c => Code.Name(c) == Ask))).Select(Slice);

    private static IReadOnlyList<MethodDefinition> HandleOf(TypeDefinition handler) =>
        Code.Whole(handler.Methods.Single(m => m.Name == "Handle"));

    private static IEnumerable<TypeDefinition> WithParts(TypeDefinition type) => type.NestedTypes.SelectMany(WithParts).Prepend(type);

    /// <summary>Handlers are called Handler; the slice around them says which.</summary>
    private static string Slice(TypeDefinition handler) => handler.Name == "Handler" ? handler.DeclaringType.Name : handler.Name;
}
