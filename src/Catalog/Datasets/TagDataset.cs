using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>A dataset carries a tag from here on.</summary>
public sealed record DatasetTagged(string Tag);

/// <summary>A dataset no longer carries a tag.</summary>
public sealed record DatasetUntagged(string Tag);

/// <summary>A column carries a tag from here on.</summary>
public sealed record ColumnTagged(string Column, string Tag);

/// <summary>A column no longer carries a tag.</summary>
public sealed record ColumnUntagged(string Column, string Tag);

/// <summary>Puts a tag on a dataset or one of its columns, or takes it off.</summary>
public static class TagDataset
{
    /// <param name="Namespace">Of the dataset.</param>
    /// <param name="Name">Of the dataset.</param>
    /// <param name="Column">Column path; null for the dataset itself.</param>
    /// <param name="Tag">Such as <c>pii</c> or <c>tier:gold</c>.</param>
    /// <param name="Present">True to put it on, false to take it off.</param>
    public sealed record Command(string Namespace, string Name, string? Column, string Tag, bool Present) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Tag).IsTag();
    }

    public static Decision Decide(Dataset? state, Command c) =>
        !DatasetRules.Writable(state, NodeId.Dataset(c.Namespace, c.Name), out var no) ? no
        : c.Column is null ? DecideDataset(state, c.Tag, c.Present)
        : DecideColumn(state, c.Column, c.Tag, c.Present);

    private static Decision DecideDataset(Dataset state, string tag, bool present) => (state.Tags.Contains(tag), present) switch
    {
        (false, true) => Decision.Accept(new DatasetTagged(tag)),
        (true, false) => Decision.Accept(new DatasetUntagged(tag)),
        _ => Decision.Unchanged,
    };

    private static Decision DecideColumn(Dataset state, string column, string tag, bool present) =>
        (state.ColumnTags.Contains(Dataset.ColumnTag(column, tag)), present) switch
        {
            (false, true) when state.Schema?.Find(column) is null =>
                Decision.Refuse("column.not_found", $"The newest version has no column '{column}'."),
            (false, true) => Decision.Accept(new ColumnTagged(column, tag)),
            (true, false) => Decision.Accept(new ColumnUntagged(column, tag)),
            _ => Decision.Unchanged,
        };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name, version: null, c.Column);
            return gate.Ask(Act.Describe, node, c.Tag).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/tags/{tag}",
                (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    SendAsync(new Command(ns, name, Column: null, tag, Present: true), mediator, ct))
            .Answers<Receipt>("TagDataset", "Put a tag on a dataset");
        routes.MapDelete(
                "/v1/datasets/{ns}/{name}/tags/{tag}",
                (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    SendAsync(new Command(ns, name, Column: null, tag, Present: false), mediator, ct))
            .Answers<Receipt>("UntagDataset", "Take a tag off a dataset");
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/columns/{column}/tags/{tag}",
                (Segment ns, Segment name, Segment column, Segment tag, IMediator mediator, CancellationToken ct) =>
                    SendAsync(new Command(ns, name, column, tag, Present: true), mediator, ct))
            .Answers<Receipt>("TagColumn", "Put a tag on a column");
        routes.MapDelete(
                "/v1/datasets/{ns}/{name}/columns/{column}/tags/{tag}",
                (Segment ns, Segment name, Segment column, Segment tag, IMediator mediator, CancellationToken ct) =>
                    SendAsync(new Command(ns, name, column, tag, Present: false), mediator, ct))
            .Answers<Receipt>("UntagColumn", "Take a tag off a column");
    }

    private static async Task<IResult> SendAsync(Command c, IMediator mediator, CancellationToken ct) =>
        (await mediator.Send(c, ct)).ToHttp();
}
