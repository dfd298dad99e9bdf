using System.Reflection;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Platform;

/// <summary>Registers MediatR with its handlers and its one behaviour. (MediatR 5 has no registration package.)</summary>
internal static class Mediation
{
    public static IServiceCollection AddMediation(this IServiceCollection services, Assembly slices)
    {
        services.AddScoped<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddScoped<IMediator, Mediator>();
        services.AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));

        foreach (var type in slices.GetTypes().Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var contract in type.GetInterfaces().Where(i => i.IsGenericType))
            {
                var shape = contract.GetGenericTypeDefinition();
                if (shape == typeof(IRequestHandler<,>))
                    services.AddScoped(contract, type);
                else if (shape == typeof(IValidator<>))
                    services.AddSingleton(contract, type);
            }
        }

        return services;
    }
}

/// <summary>Refuses a malformed request, naming each field, before its handler runs. The only behaviour in the pipeline.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
    where TResponse : IAnswerable<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken ct, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(request, ct);
            if (!result.IsValid)
                return TResponse.Answer(ToProblem(result));
        }

        return await next();
    }

    private static Problem ToProblem(FluentValidation.Results.ValidationResult result)
    {
        var errors = result.Errors
            .GroupBy(e => FieldName(e.PropertyName), e => e.ErrorMessage, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);
        var first = errors.First();
        return new Problem(ProblemKind.Invalid, "request.invalid", $"{first.Key}: {first.Value[0]}", errors);
    }

    /// <summary>The field as it is written in JSON: <c>Files[3].Path</c> becomes <c>files[3].path</c>.</summary>
    private static string FieldName(string property) =>
        string.Join('.', property.Split('.').Select(p => p.Length == 0 ? p : char.ToLowerInvariant(p[0]) + p[1..]));
}
