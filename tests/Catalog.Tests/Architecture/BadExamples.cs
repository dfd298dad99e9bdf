using System.Security.Cryptography;
using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.Extensions.Logging;

namespace Catalog.Tests.Architecture;

/// <summary>Code that breaks each rule of the house on purpose. The rules must flag it, or they could not fail.</summary>
internal static partial class BadExamples
{
    public sealed record Request : IRequest<Outcome<Receipt>>;

    public sealed class Deciders
    {
        public static Decision Decide(string? state, TimeProvider clock) => Decision.Refuse("x", $"{state}{clock.GetUtcNow()}");

        public static async Task<Decision> Decide(string state)
        {
            await Task.Yield();
            return Decision.Refuse("x", state);
        }

        public Decision Decide(int state) => Decision.Refuse(GetType().Name, $"{state}");

        public static Decision Decide(Guid? run) => Decision.Accept(new[] { 1 }.Select(_ => run ?? Guid.CreateVersion7()).First());

        public static Decision Decide(long state) => Decision.Accept(Helper(state));

        public static string? Fold(string? state, object fact) => fact is string path ? File.ReadAllText(path) : state;

        private static string Helper(long state) => state > 0 ? "" : Convert.ToHexString(RandomNumberGenerator.GetBytes(4));
    }

    public sealed class AskingNobody : IRequestHandler<Request, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Request request, CancellationToken ct)
        {
            await Task.Yield();
            return Problem.Of("access.denied", $"{request}");
        }
    }

    public sealed class AskingTooLate(Gate gate) : IRequestHandler<Request, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Request request, CancellationToken ct)
        {
            await DecideAsync();
            return gate.Ask(Act.Read, resource: null).Refusal ?? Problem.Of("access.denied", $"{request}");
        }

        private static Task DecideAsync() => Task.CompletedTask;
    }

    public sealed class Sending(IMediator mediator) : IRequestHandler<Request, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Request request, CancellationToken ct) => await mediator.Send(request, ct);
    }

    public sealed class Behaviour<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
        where TRequest : notnull
    {
        public Task<TResponse> Handle(TRequest request, CancellationToken ct, RequestHandlerDelegate<TResponse> next) => next();
    }

    public sealed class Listener : INotificationHandler<Listener.News>
    {
        public sealed record News : INotification;

        public Task Handle(News notification, CancellationToken ct) => Task.CompletedTask;
    }

    public sealed class Storing
    {
        internal static SideTable Table { get; } = new("insert into anything select unnest(?)", typeof(string));

        internal static void Beside(SideRows rows, IReadOnlyList<object> facts) => rows.Add(KeyLabels.Table, $"{facts.Count}", "");

        public static Action<IDocumentOperations, IReadOnlyList<object>> AnythingBeside() => (operations, facts) => operations.Store(facts);

        internal static Action<SideRows> NotBeside(Content content) =>
            rows => ManifestStore.Store(rows, content, content.RootOn(parent: null, run: null, message: null));

        public static async Task SaveAsync(IDocumentSession session, CancellationToken ct)
        {
            session.Events.Append("stream", "fact");
            session.Delete(new KeyLabel("", ""));
            await session.SaveChangesAsync(ct);
        }
    }

    public abstract class First;

    public abstract class Second : First;

    public sealed class Third : Second;

    public class Open;

    public sealed class OpenManager;

    public sealed partial class Logging(ILogger log)
    {
        public void Log()
        {
            LogOne();
            LogTwo();
        }

        [LoggerMessage(1001, LogLevel.Debug, "One.")]
        private partial void LogOne();

        [LoggerMessage(1001, LogLevel.Debug, "Two.")]
        private partial void LogTwo();
    }

    public record OpenFact(string Name);

    public sealed record FactWithDefault(string Name = "");

    public sealed record FactWithBehaviour(string Name)
    {
        public string Shout() => Name.ToUpperInvariant();
    }

    public sealed record FactWithMore(string Name)
    {
        public int Number { get; init; }
    }

    public sealed class FactThatIsNoRecord;
}
