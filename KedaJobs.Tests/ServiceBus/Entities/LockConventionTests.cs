using System.Reflection;
using System.Reflection.Emit;
using KedaJobs.ServiceBus;
using KedaJobs.ServiceBus.Entities;
using KedaJobs.ServiceBus.Entities.Topics;

namespace KedaJobs.Tests.ServiceBus.Entities;

/// <summary>
/// Methods that expect a queue's lock to be held end in <c>UnderLock</c>. Read off the compiled code: they are called by each other and
/// from within a turn only, and whatever touches the state of a queue is one of them or takes the lock itself.
/// </summary>
public sealed class LockConventionTests
{
    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>What takes a queue's lock.</summary>
    private static readonly string[] TakesLock = ["Begin", "Enter", "EnterTransaction"];

    /// <summary>State that the lock guards; the others never change, or have a lock of their own.</summary>
    private static readonly HashSet<string> Guarded =
    [
        .. typeof(SubQueue).GetFields(All).Where(field => !field.Name.Contains('<')).Select(field => $"{nameof(SubQueue)}.{field.Name}"),
        .. new[] { "_lastSequenceNumber", "_depth", "_dueLeft", "_wake", "_afterwards", "_postTurnWork", "_history" }
            .Select(name => $"{nameof(QueueEntity)}.{name}"),
        .. new[] { "_properties", "_copies" }.Select(name => $"{nameof(TopicEntity)}.{name}"),
    ];

    private static readonly List<(MethodBase Method, List<MemberInfo> Uses)> Methods =
    [
        .. typeof(ServiceBusBroker).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
            .Where(method => method.GetMethodBody() is not null)
            .Select(method => (method, IntermediateCode.UsesOf(method))),
    ];

    [Fact]
    public void Methods_that_expect_the_lock_are_called_with_the_lock_only()
    {
        var wrong = from one in Methods
                    from called in one.Uses.OfType<MethodBase>()
                        .Where(called => called.Name.EndsWith("UnderLock", StringComparison.Ordinal))
                    where !HoldsLock(one.Method, one.Uses)
                    select $"{Name(one.Method)} calls {Name(called)}";
        Assert.Empty(wrong.Distinct());
        Assert.True(Methods.Count(one => one.Method.Name.EndsWith("UnderLock", StringComparison.Ordinal)) > 50);
    }

    [Fact]
    public void What_touches_the_state_of_a_queue_says_so_or_takes_the_lock()
    {
        var wrong = from one in Methods
                    from field in one.Uses.OfType<FieldInfo>().Where(field => Guarded.Contains($"{field.DeclaringType!.Name}.{field.Name}"))
                    where !HoldsLock(one.Method, one.Uses) && !IsPlainRead(one.Method)
                    select $"{Name(one.Method)} uses {field.DeclaringType!.Name}.{field.Name}";
        Assert.Empty(wrong.Distinct());
        Assert.Contains(
            Methods, one => one.Uses.OfType<FieldInfo>().Any(field => Guarded.Contains($"{field.DeclaringType!.Name}.{field.Name}")));
    }

    /// <summary>What runs later, after the lock is released, must not be called as if it still were held.</summary>
    [Fact]
    public void What_is_done_afterwards_does_not_expect_the_lock()
    {
        var callbacks = Methods.Where(one => one.Method.Name.Contains("UnderLock>b__", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(callbacks);
        Assert.Empty(callbacks
            .SelectMany(one => one.Uses.OfType<MethodBase>().Where(called => called.Name.EndsWith("UnderLock", StringComparison.Ordinal))
                .Select(called => $"{Name(one.Method)} calls {Name(called)}")));
    }

    private static bool HoldsLock(MethodBase method, List<MemberInfo> uses) =>
        method is ConstructorInfo
        || method.Name.EndsWith("UnderLock", StringComparison.Ordinal)
        || uses.OfType<MethodBase>().Any(called => called.DeclaringType == typeof(QueueEntity) && TakesLock.Contains(called.Name))
        || (method.DeclaringType == typeof(QueueEntity) && method.Name is "Enter" or "Leave" or "ExitTransaction");

    /// <summary>
    /// Properties and their like: their names say what of the state they give, and those who read them hold
    /// the lock or take what they get for a hint.
    /// </summary>
    private static bool IsPlainRead(MethodBase method) => method.IsSpecialName;

    private static string Name(MethodBase method) => $"{method.DeclaringType!.Name}.{method.Name}";

    /// <summary>What a method's code names (ECMA-335, partition III).</summary>
    private static class IntermediateCode
    {
        private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

        public static List<MemberInfo> UsesOf(MethodBase method)
        {
            var bytes = method.GetMethodBody()!.GetILAsByteArray()!;
            var uses = new List<MemberInfo>();
            var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
            var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
            for (var position = 0; position < bytes.Length;)
            {
                short value = bytes[position++];
                if (value == 0xfe)
                {
                    value = (short)(0xfe00 | bytes[position++]);
                }

                var code = Codes[value];
                switch (code.OperandType)
                {
                    case OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok:
                        if (method.Module.ResolveMember(
                            BitConverter.ToInt32(bytes, position), typeArguments, methodArguments) is { } member)
                        {
                            uses.Add(member);
                        }

                        position += 4;
                        break;
                    case OperandType.InlineSwitch:
                        position += 4 + (4 * BitConverter.ToInt32(bytes, position));
                        break;
                    case OperandType.InlineNone:
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        position += 1;
                        break;
                    case OperandType.InlineVar:
                        position += 2;
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        position += 8;
                        break;
                    default:
                        position += 4;
                        break;
                }
            }

            return uses;
        }
    }
}
